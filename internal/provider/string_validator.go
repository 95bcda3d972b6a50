package provider

import (
	"context"
	"errors"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/wait"
)

// The checks of single arguments. Each runs the parser that reads the argument later, so that Terraform refuses at
// validation what the provider would refuse afterwards.
var (
	apiTokenValidator = stringValidator{
		requirement: "must be a batch token",
		check:       checkOf(scriptix.NewToken),
		secret:      true,
	}
	baseURLValidator = stringValidator{
		requirement: "must be an https URL",
		check:       checkOf(scriptix.ParseBaseURL),
		secret:      true, // it may hold credentials, which are one reason to refuse it
	}
	sessionIDValidator = stringValidator{
		requirement: "must be a session identifier",
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

// checkOf returns the check that a parser makes.
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
		err = errors.New(`must be at least "3s": polling more often wastes requests and meets the API's rate limits`)
	}
	return interval, err
}

// parseDuration replaces the error of time.ParseDuration, which does not say what is right.
func parseDuration(text string) (time.Duration, error) {
	duration, err := time.ParseDuration(text)
	if err != nil {
		return 0, errors.New(`must be a number with a unit, such as "30s", "30m", or "1h30m"`)
	}
	return duration, nil
}

// stringValidator makes a validator of a check.
type stringValidator struct {
	requirement string
	check       func(string) error
	secret      bool // the message must not repeat the value
}

var _ validator.String = stringValidator{}

// Description is the requirement in one sentence.
func (v stringValidator) Description(context.Context) string { return v.requirement }

// MarkdownDescription is the requirement in one sentence.
func (v stringValidator) MarkdownDescription(context.Context) string { return v.requirement }

// ValidateString refuses what the check refuses, on the path of the argument.
func (v stringValidator) ValidateString(_ context.Context, request validator.StringRequest, response *validator.StringResponse) {
	if request.ConfigValue.IsNull() || request.ConfigValue.IsUnknown() {
		return
	}
	value := request.ConfigValue.ValueString()
	err := v.check(value)
	if err == nil {
		return
	}
	if v.secret {
		response.Diagnostics.Append(invalidArgument(request.Path, request.Path.String(), err))
		return
	}
	response.Diagnostics.Append(invalidValue(request.Path, value, err))
}
