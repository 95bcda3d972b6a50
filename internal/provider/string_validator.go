package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/wait"
)

// The checks of single arguments. Each is the very check that the packages below make, so that Terraform refuses
// at validation what they would refuse later.
var (
	apiTokenValidator = stringValidator{
		requirement: "must be a batch token",
		check: func(text string) error {
			_, err := scriptix.NewToken(text)
			return err
		},
		secret: true,
	}
	baseURLValidator = stringValidator{
		requirement: "must be an https URL",
		check: func(text string) error {
			_, err := scriptix.ParseBaseURL(text)
			return err
		},
		secret: true, // it may hold credentials, which are one reason to refuse it
	}
	sessionIDValidator = stringValidator{
		requirement: "must be a session identifier",
		check:       scriptix.ValidateSessionID,
	}
	positiveDurationValidator = stringValidator{
		requirement: "must be a duration of more than zero",
		check:       durationAbove(func(d time.Duration) bool { return d > 0 }, `must be more than zero, such as "30s" or "75m"`),
	}
	pollIntervalValidator = stringValidator{
		requirement: "must be a duration of at least 3 seconds",
		check: durationAbove(func(d time.Duration) bool { return d >= wait.MinimumInterval },
			`must be at least "3s": polling more often wastes requests and meets the API's rate limits`),
	}
)

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
	subject := request.Path.String()
	if !v.secret {
		subject = fmt.Sprintf("%s = %s", request.Path, quoted(value))
	}
	response.Diagnostics.Append(invalidArgument(request.Path, subject, err))
}

// durationAbove leaves what is no duration at all to the attribute's own type.
func durationAbove(isEnough func(time.Duration) bool, otherwise string) func(string) error {
	return func(text string) error {
		if duration, err := time.ParseDuration(text); err == nil && !isEnough(duration) {
			return errors.New(otherwise)
		}
		return nil
	}
}
