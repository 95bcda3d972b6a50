package provider

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/boolvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/wait"
)

// Defaults of the timeouts. By the API's page three hours of audio take up to 65 minutes.
const (
	defaultWaitTimeout = 75 * time.Minute
	defaultReadTimeout = 5 * time.Minute
	// The smallest plan answers a hundred requests an hour, so that further refreshes wait for the next hour.
	defaultRefreshTimeout = 75 * time.Minute
)

// waiting is how one kind of block waits: what is the same for all of them stands here once.
type waiting struct {
	operation string // what timeouts calls it
	activity  string // what the timeout bounds
	whenAsked string // when it waits, if asked to by wait_for_completion; "" where waiting is all that it does
}

var (
	waitsOnRead = waiting{
		operation: "read",
		activity:  "reading may take, waiting included",
		whenAsked: "Whether to wait, whenever Terraform reads this data source, until every session has finished. A failed " +
			"session is then an error, unless `allow_failed` is set. Terraform reads data sources while it plans, also for a " +
			"destroy, so that the plan takes as long as the sessions do.",
	}
	waitsOnOpen = waiting{
		operation: "open",
		activity:  "reading may take, waiting included",
		whenAsked: "Whether to wait, whenever Terraform opens this ephemeral resource, until the session has finished. A " +
			"failed session is then an error, unless `allow_failed` is set. Terraform opens ephemeral resources while it plans " +
			"and once more while it applies, so that the plan takes as long as the session does.",
	}
	waitsOnCreate = waiting{operation: "create", activity: "waiting may take"}
	waitsOnInvoke = waiting{operation: "invoke", activity: "waiting may take"}

	// refresh waits for no session, only for its turn.
	refresh = waiting{operation: "read", activity: "a refresh may take, including the time that rate limits hold back its request"}
)

// timeoutPath is the argument that bounds the operation.
func (w waiting) timeoutPath() path.Path { return path.Root("timeouts").AtName(w.operation) }

// timeoutArgument is the same argument as configurations write it.
func (w waiting) timeoutArgument() string { return w.timeoutPath().String() }

// attributes are the arguments of a wait, with the timeouts of other operations of the block.
func (w waiting) attributes(others ...waiting) map[string]schema.Attribute {
	var onlyWith string
	boolValidators := []validator.Bool{}
	pollValidators := []validator.String{pollIntervalValidator, pollsBeforeTimeout{w}}
	if w.whenAsked != "" {
		needsWait := path.MatchRoot("wait_for_completion")
		onlyWith = " Only together with `wait_for_completion`."
		boolValidators = append(boolValidators, boolvalidator.AlsoRequires(needsWait))
		pollValidators = append(pollValidators, stringvalidator.AlsoRequires(needsWait))
	}
	timeouts := map[string]schema.Attribute{}
	for _, limited := range append(others, w) {
		timeouts[limited.operation] = limited.timeoutAttribute()
	}
	attributes := map[string]schema.Attribute{
		"allow_failed": schema.BoolAttribute{
			MarkdownDescription: "Whether a session that failed ends the wait like one that completed, instead of being an " +
				"error." + onlyWith + " Default: `false`.",
			Optional:   true,
			Validators: boolValidators,
		},
		"poll_interval": schema.StringAttribute{
			MarkdownDescription: "Time between two polls of a session, as a duration such as `10s` or `1m`; at least `3s`, and " +
				"shorter than `" + w.timeoutArgument() + "`." + onlyWith + " Default: the API's recommendation, every 3 seconds in " +
				"the first minute, every 5 seconds until five minutes have passed, then every 10 seconds.",
			Optional:   true,
			Validators: pollValidators,
		},
		"timeouts": schema.SingleNestedAttribute{
			MarkdownDescription: "How long operations may take.",
			Optional:            true,
			Attributes:          timeouts,
		},
	}
	if w.whenAsked != "" {
		attributes["wait_for_completion"] = schema.BoolAttribute{
			MarkdownDescription: w.whenAsked + " Default: `false`.",
			Optional:            true,
		}
		attributes["allow_unfinished"] = schema.BoolAttribute{
			MarkdownDescription: "Whether to return unfinished sessions as last read, with a warning, when the timeout or the " +
				"rate limit ends the wait. Every other error stays an error. Requires `wait_for_completion`. Defaults to `false`.",
			Optional:   true,
			Validators: boolValidators,
		}
	}
	return attributes
}

func (w waiting) timeoutAttribute() schema.Attribute {
	otherwise := "Default: `75m`."
	if w.whenAsked != "" {
		otherwise = "Default: `75m` with `wait_for_completion`, otherwise `5m`."
	}
	return schema.StringAttribute{
		MarkdownDescription: "How long " + w.activity + ", as a duration such as `30m` or `2h`; more than zero. " +
			otherwise,
		Optional:   true,
		Validators: []validator.String{timeoutValidator},
	}
}

// waitArguments are the arguments of a wait, as somebody has set them.
type waitArguments struct {
	waits           bool
	options         wait.Options
	allowUnfinished bool
	timeout         time.Duration
	timeoutArgument string // the argument that timeout is from, as diagnostics name it
}

// accept reports whether the operation returns sessions although these have not finished. A failed session without its
// details is still a failure.
func (a waitArguments) accept(unfinished []scriptix.Session) bool {
	hasFailed := func(session scriptix.Session) bool { return session.Outcome() == scriptix.Failed }
	return a.allowUnfinished && (a.options.AllowFailed || !slices.ContainsFunc(unfinished, hasFailed))
}

// arguments is a configuration, or a plan, whose arguments can be read.
type arguments interface {
	GetAttribute(ctx context.Context, at path.Path, target any) diag.Diagnostics
}

// read reads the arguments from a configuration that has been validated.
func (w waiting) read(ctx context.Context, from arguments) (waitArguments, diag.Diagnostics) {
	var waits, allowFailed, allowUnfinished types.Bool
	var diags diag.Diagnostics
	if w.whenAsked == "" {
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

// refreshArguments reads the arguments of a refresh from the state.
func refreshArguments(ctx context.Context, state arguments) (waitArguments, diag.Diagnostics) {
	result := waitArguments{
		timeout: defaultRefreshTimeout,
		// A higher value in the configuration helps no refresh before it is in the state.
		timeoutArgument: refresh.timeoutArgument() + " (a refresh uses the value of the last apply: apply the change with " +
			"-refresh=false)",
	}
	diags := readText(ctx, state, refresh.timeoutPath(), parseTimeout, &result.timeout)
	return result, diags
}

// readText parses an argument into target, and leaves target as it is where the argument is null.
func readText[T any](
	ctx context.Context, from arguments, at path.Path, parse func(string) (T, error), target *T,
) diag.Diagnostics {
	var text types.String
	diags := from.GetAttribute(ctx, at, &text)
	if diags.HasError() || text.IsNull() {
		return diags
	}
	parsed, err := parse(text.ValueString())
	if err != nil {
		diags.Append(invalidValue(at, text.ValueString(), err))
		return diags
	}
	*target = parsed
	return diags
}

// pollsBeforeTimeout refuses a poll_interval so long that the timeout comes before the first poll.
type pollsBeforeTimeout struct{ waiting }

var _ validator.String = pollsBeforeTimeout{}

// Description is the requirement in one sentence.
func (v pollsBeforeTimeout) Description(context.Context) string {
	return "must be shorter than " + v.timeoutArgument()
}

// MarkdownDescription is the requirement in one sentence.
func (v pollsBeforeTimeout) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

// ValidateString judges only what is known, and what no other check refuses.
func (v pollsBeforeTimeout) ValidateString(ctx context.Context, request validator.StringRequest, response *validator.StringResponse) {
	waits := types.BoolValue(true)
	if v.whenAsked != "" {
		response.Diagnostics.Append(request.Config.GetAttribute(ctx, path.Root("wait_for_completion"), &waits)...)
	}
	timeout, known := v.configuredTimeout(ctx, request.Config)
	interval, err := parsePollInterval(request.ConfigValue.ValueString())
	if !waits.ValueBool() || !known || err != nil || interval < timeout {
		return
	}
	response.Diagnostics.Append(invalidValue(request.Path, request.ConfigValue.ValueString(),
		fmt.Errorf("must be shorter than %s, which is %s: the wait would end before its first poll", v.timeoutArgument(), duration(timeout))))
}

// configuredTimeout returns the timeout of a wait. It is not known when Terraform does not know it yet, or when another
// check refuses it.
func (w waiting) configuredTimeout(ctx context.Context, config arguments) (timeout time.Duration, known bool) {
	// An object that is unknown as a whole hides its attributes, which then look like null.
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
