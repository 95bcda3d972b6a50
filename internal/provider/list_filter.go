package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// listFilterAttributes returns the arguments that choose sessions from the list. conflicts ends each description with the
// arguments that it conflicts with.
func listFilterAttributes(conflicts string) map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"status": schema.StringAttribute{
			MarkdownDescription: "Status of the sessions to list: `queued`, `processing`, `completed`, or `failed`." + conflicts +
				" Defaults to sessions of every status.",
			Optional:   true,
			Validators: []validator.String{stringvalidator.OneOf(statusWords()...)},
		},
		"created_after": schema.StringAttribute{
			MarkdownDescription: "Earliest `created_at` of the sessions to list, as an RFC 3339 timestamp. Sessions created at " +
				"this moment are listed. If the API lists the newest sessions first, each with its `created_at`, the provider reads no " +
				"page beyond this moment. Otherwise it reads all pages. A session without `created_at` in the list costs a request of " +
				"its own. If the API omits it there too, the session is listed." + conflicts +
				" Defaults to no limit.",
			Optional:   true,
			Validators: []validator.String{timestampValidator},
		},
		"created_before": schema.StringAttribute{
			MarkdownDescription: "Latest `created_at` of the sessions to list, as an RFC 3339 timestamp. Must not be earlier than " +
				"`created_after`. Sessions created at this moment are listed. It saves no requests, because the list begins with " +
				"newer sessions." + conflicts + " Defaults to no limit.",
			Optional:   true,
			Validators: []validator.String{timestampValidator, notBeforeCreatedAfter{}},
		},
	}
}

// readListFilter reads these arguments from a configuration that has been validated.
func readListFilter(ctx context.Context, from arguments) (scriptix.ListOptions, diag.Diagnostics) {
	var status types.String
	diags := from.GetAttribute(ctx, path.Root("status"), &status)
	options := scriptix.ListOptions{Status: scriptix.Status(status.ValueString())}
	diags.Append(readText(ctx, from, path.Root("created_after"), parseTimestamp, &options.CreatedAfter)...)
	diags.Append(readText(ctx, from, path.Root("created_before"), parseTimestamp, &options.CreatedBefore)...)
	return options, diags
}

func parseTimestamp(text string) (time.Time, error) {
	moment, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, errors.New(`must be an RFC 3339 timestamp, such as "2025-01-15T10:00:00Z"`)
	}
	return moment, nil
}

// listSubject names a list in diagnostics.
func listSubject(options scriptix.ListOptions) string {
	if options.Status != "" {
		return "the list of " + string(options.Status) + " sessions"
	}
	return "the list of sessions"
}

func statusWords() []string {
	var words []string
	for _, status := range scriptix.Statuses() {
		words = append(words, string(status))
	}
	return words
}

// notBeforeCreatedAfter refuses a created_before that excludes every session.
type notBeforeCreatedAfter struct{}

var _ validator.String = notBeforeCreatedAfter{}

// Description is the requirement in one sentence.
func (notBeforeCreatedAfter) Description(context.Context) string {
	return "must not be earlier than created_after"
}

// MarkdownDescription is the requirement in one sentence.
func (v notBeforeCreatedAfter) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

// ValidateString judges only what is known, and what no other check refuses.
func (v notBeforeCreatedAfter) ValidateString(ctx context.Context, request validator.StringRequest, response *validator.StringResponse) {
	var createdAfter types.String
	response.Diagnostics.Append(request.Config.GetAttribute(ctx, path.Root("created_after"), &createdAfter)...)
	after, afterErr := parseTimestamp(createdAfter.ValueString())
	before, beforeErr := parseTimestamp(request.ConfigValue.ValueString())
	if afterErr != nil || beforeErr != nil || !before.Before(after) {
		return
	}
	response.Diagnostics.Append(invalidValue(request.Path, request.ConfigValue.ValueString(),
		fmt.Errorf("%s, which is %s", v.Description(ctx), quoted(createdAfter.ValueString()))))
}
