package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/boolvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/mapplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/scriptix/terraform-provider-scriptix/internal/wait"
)

// Defaults of the timeouts. By the API's page, three hours of audio take up to 65 minutes.
const (
	defaultWaitTimeout = 75 * time.Minute
	defaultReadTimeout = 5 * time.Minute
	// An import has no timeouts. The smallest plan allows a hundred requests an hour, so many imports need the next hour too.
	importTimeout = 75 * time.Minute
)

// waiting is how one kind of block waits.
type waiting struct {
	operation string // the name of the timeout
	activity  string // what the timeout bounds
	optional  string // description of wait_for_completion; "" for a block that always waits
}

var (
	waitsOnRead = waiting{
		operation: "read",
		activity:  "reading, including the wait",
		optional: "Whether to wait for the session to finish. Terraform reads data sources during the plan, also for a destroy, so " +
			"the plan takes as long as the session. A failed session is an error, unless `allow_failed` is set.",
	}
	waitsOnReadOfMany = waiting{
		operation: waitsOnRead.operation,
		activity:  waitsOnRead.activity,
		optional: "Whether to wait for all sessions to finish. Terraform reads data sources during the plan, also for a destroy, so " +
			"the plan takes as long as the sessions. A failed session is an error, unless `allow_failed` is set.",
	}
	waitsOnOpen = waiting{
		operation: "open",
		activity:  "reading, including the wait",
		optional: "Whether to wait for the session to finish. Terraform opens ephemeral resources during the plan and again during " +
			"the apply, so the plan takes as long as the session. A failed session is an error, unless `allow_failed` is set.",
	}
	waitsOnCreate = waiting{operation: "create", activity: "the wait"}
	waitsOnUpdate = waiting{operation: "update", activity: "the wait for sessions that were added"}
	waitsOnInvoke = waiting{operation: "invoke", activity: "the wait"}
)

// timeoutPath returns the argument that bounds the operation.
func (w waiting) timeoutPath() path.Path { return path.Root("timeouts").AtName(w.operation) }

// timeoutArgument returns the same argument as configurations write it.
func (w waiting) timeoutArgument() string { return w.timeoutPath().String() }

// completionArguments returns the arguments of a resource that waits.
func completionArguments(create waiting, others ...waiting) map[string]schema.Attribute {
	arguments := create.attributes(others...)
	arguments["triggers"] = schema.MapAttribute{
		ElementType:         types.StringType,
		MarkdownDescription: "Arbitrary values that, when changed, force a new resource and a new wait.",
		Optional:            true,
		PlanModifiers:       []planmodifier.Map{mapplanmodifier.RequiresReplace()},
	}
	return arguments
}

// attributes returns the arguments of a wait. The timeouts include those of other operations of the block.
func (w waiting) attributes(others ...waiting) map[string]schema.Attribute {
	var requires string
	boolValidators := []validator.Bool{}
	pollValidators := []validator.String{pollIntervalValidator, pollsBeforeTimeout{w}}
	for _, limited := range others {
		pollValidators = append(pollValidators, pollsBeforeTimeout{limited})
	}
	if w.optional != "" {
		needsWait := path.MatchRoot("wait_for_completion")
		requires = " Requires `wait_for_completion`."
		boolValidators = append(boolValidators, boolvalidator.AlsoRequires(needsWait))
		pollValidators = append(pollValidators, stringvalidator.AlsoRequires(needsWait))
	}
	timeouts := map[string]schema.Attribute{}
	for _, limited := range append(others, w) {
		timeouts[limited.operation] = limited.timeoutAttribute()
	}
	attributes := map[string]schema.Attribute{
		"allow_failed": schema.BoolAttribute{
			MarkdownDescription: "Whether to accept a failed session instead of returning an error. Defaults to `false`." + requires,
			Optional:            true,
			Validators:          boolValidators,
		},
		"poll_interval": schema.StringAttribute{
			MarkdownDescription: "Time between two polls of a session, as a duration such as `10s` or `1m`. Must be at least `3s`, " +
				"and shorter than `" + w.timeoutArgument() + "`. Defaults to the schedule that the API recommends: `3s` in the " +
				"first minute, `5s` until 5 minutes have passed, then `10s`." + requires,
			Optional:   true,
			Validators: pollValidators,
		},
		"timeouts": schema.SingleNestedAttribute{
			MarkdownDescription: "Timeouts of the operations.",
			Optional:            true,
			Attributes:          timeouts,
			Validators:          []validator.Object{setsATimeout{operations: slices.Sorted(maps.Keys(timeouts))}},
		},
	}
	if w.optional != "" {
		attributes["wait_for_completion"] = schema.BoolAttribute{
			MarkdownDescription: w.optional + " Defaults to `false`.",
			Optional:            true,
		}
		attributes["allow_unfinished"] = schema.BoolAttribute{
			MarkdownDescription: "Whether to return unfinished sessions as last read, with a warning, when the timeout or a rate " +
				"limit ends the wait. Other errors remain errors. Defaults to `false`." + requires,
			Optional:   true,
			Validators: boolValidators,
		}
	}
	return attributes
}

func (w waiting) timeoutAttribute() schema.Attribute {
	defaults := "Defaults to `75m`."
	if w.optional != "" {
		defaults = "Defaults to `75m` with `wait_for_completion`, and to `5m` without."
	}
	return schema.StringAttribute{
		MarkdownDescription: "Timeout for " + w.activity + ", as a duration such as `30m` or `2h`. Must be more than zero. " + defaults,
		Optional:            true,
		Validators:          []validator.String{timeoutValidator},
	}
}

// read reads the arguments from a configuration that has been validated.
func (w waiting) read(ctx context.Context, from arguments) (waitArguments, diag.Diagnostics) {
	var waits, allowFailed, allowUnfinished types.Bool
	var diags diag.Diagnostics
	if w.optional == "" {
		waits = types.BoolValue(true)
	} else {
		diags.Append(from.GetAttribute(ctx, path.Root("wait_for_completion"), &waits)...)
		diags.Append(from.GetAttribute(ctx, path.Root("allow_unfinished"), &allowUnfinished)...)
	}
	diags.Append(from.GetAttribute(ctx, path.Root("allow_failed"), &allowFailed)...)
	result := waitArguments{
		waits:           waits.ValueBool(),
		options:         wait.Options{AllowFailed: allowFailed.ValueBool()},
		allowUnfinished: allowUnfinished.ValueBool(),
		timeout:         defaultReadTimeout,
		timeoutArgument: w.timeoutArgument(),
	}
	if result.waits {
		result.timeout = defaultWaitTimeout
	}
	diags.Append(readText(ctx, from, path.Root("poll_interval"), parsePollInterval, &result.options.PollInterval)...)
	diags.Append(readText(ctx, from, w.timeoutPath(), parseTimeout, &result.timeout)...)
	return result, diags
}

// setsATimeout warns of timeouts that set none. Terraform removes a key that the block does not have before it asks the
// provider, so a misspelled key looks like one that is null, and like none.
type setsATimeout struct{ operations []string }

var _ validator.Object = setsATimeout{}

// Description returns the requirement.
func (v setsATimeout) Description(context.Context) string {
	return "should set " + strings.Join(v.operations, " or ")
}

// MarkdownDescription returns the requirement.
func (v setsATimeout) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateObject returns no warning for what Terraform does not know yet.
func (v setsATimeout) ValidateObject(_ context.Context, request validator.ObjectRequest, response *validator.ObjectResponse) {
	if request.ConfigValue.IsNull() || request.ConfigValue.IsUnknown() {
		return
	}
	for _, timeout := range request.ConfigValue.Attributes() {
		if !timeout.IsNull() {
			return
		}
	}
	response.Diagnostics.Append(noTimeout(request.Path, v.operations))
}

// pollsBeforeTimeout validates that a poll_interval is shorter than the timeout.
type pollsBeforeTimeout struct{ waiting }

var _ validator.String = pollsBeforeTimeout{}

// Description returns the requirement.
func (v pollsBeforeTimeout) Description(context.Context) string {
	return "must be shorter than " + v.timeoutArgument()
}

// MarkdownDescription returns the requirement.
func (v pollsBeforeTimeout) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

// ValidateString returns no error for what is unknown, or what another validator refuses.
func (v pollsBeforeTimeout) ValidateString(ctx context.Context, request validator.StringRequest, response *validator.StringResponse) {
	waits := types.BoolValue(true)
	if v.optional != "" {
		response.Diagnostics.Append(request.Config.GetAttribute(ctx, path.Root("wait_for_completion"), &waits)...)
	}
	timeout, known := v.configuredTimeout(ctx, request.Config)
	interval, err := parsePollInterval(request.ConfigValue.ValueString())
	if !waits.ValueBool() || !known || err != nil || interval < timeout {
		return
	}
	response.Diagnostics.Append(invalidValue(request.Path,
		fmt.Errorf("must be shorter than %s, which is %s: the wait would end before its first poll", v.timeoutArgument(), duration(timeout))))
}

// configuredTimeout returns the timeout of a wait. It is not known if Terraform does not know it yet, or if another
// validator refuses it.
func (w waiting) configuredTimeout(ctx context.Context, config arguments) (timeout time.Duration, known bool) {
	// The attributes of an unknown object look like null.
	var timeouts types.Object
	var text types.String
	if config.GetAttribute(ctx, path.Root("timeouts"), &timeouts).HasError() || timeouts.IsUnknown() ||
		config.GetAttribute(ctx, w.timeoutPath(), &text).HasError() || text.IsUnknown() {
		return 0, false
	}
	if text.IsNull() {
		return defaultWaitTimeout, true
	}
	timeout, err := parseTimeout(text.ValueString())
	return timeout, err == nil
}
