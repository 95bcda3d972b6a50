package provider

import (
	"context"
	"errors"
	"regexp"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/wait"
)

// The validators of single arguments. Each runs the parser that reads the argument later, so that terraform validate
// reports what the provider would otherwise report afterwards.
var (
	apiTokenValidator = stringValidator{
		requirement: "must be a batch token",
		check:       checkOf(scriptix.NewToken),
	}
	baseURLValidator = stringValidator{
		requirement: "must be an https URL",
		check:       checkOf(scriptix.ParseBaseURL),
	}
	sessionIDValidator = stringValidator{
		requirement: "must be a session ID",
		check:       scriptix.ValidateSessionID,
	}
	timeoutValidator = stringValidator{
		requirement: "must be a duration of more than zero",
		check:       checkOf(parseTimeout),
	}
	pollIntervalValidator = stringValidator{
		requirement: "must be a duration of at least 3 seconds",
		check:       checkOf(parsePollInterval),
	}
	timestampValidator = stringValidator{
		requirement: "must be an RFC 3339 timestamp",
		check:       checkOf(parseTimestamp),
	}
)

// checkOf returns a check that fails if the parser does.
func checkOf[T any](parse func(string) (T, error)) func(string) error {
	return func(text string) error {
		_, err := parse(text)
		return err
	}
}

func parseTimeout(text string) (time.Duration, error) {
	timeout, err := parseDuration(text)
	if err == nil && timeout <= 0 {
		err = errors.New(`must be more than zero, such as "30s" or "75m"`)
	}
	return timeout, err
}

func parsePollInterval(text string) (time.Duration, error) {
	interval, err := parseDuration(text)
	if err == nil && interval < wait.MinimumInterval {
		err = errors.New(`must be at least "3s", because polling more often wastes requests and reaches the API's rate limits`)
	}
	return interval, err
}

// parseDuration replaces the error of time.ParseDuration, which does not say what is valid.
func parseDuration(text string) (time.Duration, error) {
	duration, err := time.ParseDuration(text)
	if err == nil {
		return duration, nil
	}
	if _, err := time.ParseDuration(digits.ReplaceAllString(text, "1")); err == nil {
		return 0, errors.New("is too long")
	}
	return 0, errors.New(`must be a number with a unit, such as "30s", "30m", or "1h30m"`)
}

// digits are what can make a duration too long that is well-formed.
var digits = regexp.MustCompile(`\d+`)

func parseTimestamp(text string) (time.Time, error) {
	moment, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, errors.New(`must be an RFC 3339 timestamp, such as "2025-01-15T10:00:00Z"`)
	}
	return moment, nil
}

// stringValidator is a validator that runs a check.
type stringValidator struct {
	requirement string
	check       func(string) error
}

var _ validator.String = stringValidator{}

// Description returns the requirement.
func (v stringValidator) Description(context.Context) string { return v.requirement }

// MarkdownDescription returns the requirement.
func (v stringValidator) MarkdownDescription(context.Context) string { return v.requirement }

// ValidateString runs the check on a known value.
func (v stringValidator) ValidateString(_ context.Context, request validator.StringRequest, response *validator.StringResponse) {
	if request.ConfigValue.IsNull() || request.ConfigValue.IsUnknown() {
		return
	}
	if err := v.check(request.ConfigValue.ValueString()); err != nil {
		response.Diagnostics.Append(invalidValue(request.Path, err))
	}
}
