package provider

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/boolvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/scriptix/terraform-provider-scriptix/internal/wait"
)

// Defaults of timeouts.read. By the API's page three hours of audio take up to 65 minutes.
const (
	defaultWaitTimeout = 75 * time.Minute
	defaultReadTimeout = 5 * time.Minute
)

// waitArguments are the arguments that every data source has which can wait.
type waitArguments struct {
	waits   bool
	options wait.Options
	timeout time.Duration
}

// withWaitAttributes adds the attributes of waitArguments to others.
func withWaitAttributes(ctx context.Context, others map[string]schema.Attribute) map[string]schema.Attribute {
	needsWait := path.MatchRoot("wait_for_completion")
	maps.Copy(others, map[string]schema.Attribute{
		"wait_for_completion": schema.BoolAttribute{
			MarkdownDescription: "Whether to wait, whenever Terraform reads this data source, until every session has " +
				"finished. A failed session is then an error, unless `allow_failed` is set. Terraform reads data sources while " +
				"it plans, also for a destroy, so that the plan takes as long as the sessions do. Default: `false`.",
			Optional: true,
		},
		"allow_failed": schema.BoolAttribute{
			MarkdownDescription: "Whether a session that failed ends the wait like one that completed, instead of being an " +
				"error. Only together with `wait_for_completion`. Default: `false`.",
			Optional:   true,
			Validators: []validator.Bool{boolvalidator.AlsoRequires(needsWait)},
		},
		"poll_interval": schema.StringAttribute{
			CustomType: timetypes.GoDurationType{},
			MarkdownDescription: "Time between two polls of a session, as a duration such as `10s` or `1m`; at least `3s`. Only " +
				"together with `wait_for_completion`. Default: the API's recommendation, every 3 seconds in the first minute, " +
				"every 5 seconds until five minutes have passed, then every 10 seconds.",
			Optional:   true,
			Validators: []validator.String{pollIntervalValidator, stringvalidator.AlsoRequires(needsWait)},
		},
		"timeouts": timeoutsAttribute(ctx),
	})
	return others
}

// pollsBeforeTimeout refuses a poll_interval so long that the timeout comes before the first poll.
type pollsBeforeTimeout struct{}

var _ datasource.ConfigValidator = pollsBeforeTimeout{}

// Description is the requirement in one sentence.
func (v pollsBeforeTimeout) Description(context.Context) string {
	return "poll_interval must be shorter than the timeout"
}

// MarkdownDescription is the requirement in one sentence.
func (v pollsBeforeTimeout) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

// ValidateDataSource judges only what is known and what single arguments are not refused for.
func (v pollsBeforeTimeout) ValidateDataSource(ctx context.Context, request datasource.ValidateConfigRequest, response *datasource.ValidateConfigResponse) {
	var waits types.Bool
	var interval timetypes.GoDuration
	var limit types.String
	response.Diagnostics.Append(request.Config.GetAttribute(ctx, path.Root("wait_for_completion"), &waits)...)
	response.Diagnostics.Append(request.Config.GetAttribute(ctx, path.Root("poll_interval"), &interval)...)
	response.Diagnostics.Append(request.Config.GetAttribute(ctx, path.Root("timeouts").AtName("read"), &limit)...)
	if !waits.ValueBool() || interval.IsUnknown() || limit.IsUnknown() {
		return
	}
	timeout, err := time.ParseDuration(limit.ValueString())
	if limit.IsNull() {
		timeout, err = defaultWaitTimeout, nil
	}
	every, intervalErr := time.ParseDuration(interval.ValueString())
	if err != nil || intervalErr != nil || timeout <= 0 || every < timeout {
		return
	}
	response.Diagnostics.Append(invalidArgument(path.Root("poll_interval"), "poll_interval = "+quoted(interval.ValueString()),
		fmt.Errorf("must be shorter than timeouts.read, which is %s: the wait would end before its first poll", duration(timeout))))
}

// timeoutsAttribute refuses what the library's own check lets pass: zero and less.
func timeoutsAttribute(ctx context.Context) schema.Attribute {
	limits, isNested := timeouts.Attributes(ctx).(schema.SingleNestedAttribute)
	read, isText := limits.Attributes["read"].(schema.StringAttribute)
	if !isNested || !isText {
		return timeouts.Attributes(ctx) // cannot be, short of a new version of the library
	}
	limits.MarkdownDescription = "How long operations may take."
	read.Description = ""
	read.MarkdownDescription = "How long reading may take, waiting included, as a duration such as `30m` or `2h`; more than " +
		"zero. Default: `75m` with `wait_for_completion`, otherwise `5m`."
	read.Validators = append(read.Validators, positiveDurationValidator)
	limits.Attributes["read"] = read
	return limits
}

// readWaitArguments reads the arguments from a configuration that has been validated.
func readWaitArguments(ctx context.Context, config tfsdk.Config) (waitArguments, diag.Diagnostics) {
	var waits, allowFailed types.Bool
	var pollInterval timetypes.GoDuration
	var limits timeouts.Value
	var diags diag.Diagnostics
	diags.Append(config.GetAttribute(ctx, path.Root("wait_for_completion"), &waits)...)
	diags.Append(config.GetAttribute(ctx, path.Root("allow_failed"), &allowFailed)...)
	diags.Append(config.GetAttribute(ctx, path.Root("poll_interval"), &pollInterval)...)
	diags.Append(config.GetAttribute(ctx, path.Root("timeouts"), &limits)...)
	if diags.HasError() {
		return waitArguments{}, diags
	}
	arguments := waitArguments{waits: waits.ValueBool(), options: wait.Options{AllowFailed: allowFailed.ValueBool()}}
	if !pollInterval.IsNull() {
		interval, intervalDiags := pollInterval.ValueGoDuration()
		diags.Append(intervalDiags...)
		arguments.options.PollInterval = interval
	}
	otherwise := defaultReadTimeout
	if arguments.waits {
		otherwise = defaultWaitTimeout
	}
	timeout, timeoutDiags := limits.Read(ctx, otherwise)
	diags.Append(timeoutDiags...)
	arguments.timeout = timeout
	return arguments, diags
}
