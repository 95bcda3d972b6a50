package provider

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// listFilterAttributes returns the arguments that filter a list of sessions: the statuses that the list has by default, and
// the arguments that each of them conflicts with, as the end of its description.
func listFilterAttributes(statuses, conflicts string) map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"status": schema.StringAttribute{
			MarkdownDescription: "Status of the sessions to list: `queued`, `processing`, `completed`, or `failed`. Defaults to " +
				statuses + "." + conflicts,
			Optional:   true,
			Validators: []validator.String{stringvalidator.OneOf(statusWords()...)},
		},
		"created_after": schema.StringAttribute{
			MarkdownDescription: "Earliest `created_at` of the sessions to list, as an RFC 3339 timestamp. Includes sessions that " +
				"were created at this moment. If the API lists the newest sessions first, each with its `created_at`, the provider reads " +
				"no page beyond this moment. Otherwise it reads all pages. A session without `created_at` in the list costs a request " +
				"of its own. If the API omits `created_at` there too, the session is listed. Defaults to no limit." + conflicts,
			Optional:   true,
			Validators: []validator.String{timestampValidator},
		},
		"created_before": schema.StringAttribute{
			MarkdownDescription: "Latest `created_at` of the sessions to list, as an RFC 3339 timestamp. Includes sessions that " +
				"were created at this moment. Must not be earlier than `created_after`. Saves no requests, because the list begins with " +
				"the newest sessions. Defaults to no limit." + conflicts,
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

// listSubject returns a list as diagnostics name it.
func listSubject(options scriptix.ListOptions) subject {
	list := subject{name: "the list of sessions", summary: summaryUnableToList}
	if options.Status != "" {
		list.name = "the list of " + string(options.Status) + " sessions"
	}
	return list
}

func statusWords() []string {
	var words []string
	for _, status := range scriptix.Statuses() {
		words = append(words, string(status))
	}
	return words
}

// notBeforeCreatedAfter validates that created_before does not exclude every session.
type notBeforeCreatedAfter struct{}

var _ validator.String = notBeforeCreatedAfter{}

// Description returns the requirement.
func (notBeforeCreatedAfter) Description(context.Context) string {
	return "must not be earlier than created_after"
}

// MarkdownDescription returns the requirement.
func (v notBeforeCreatedAfter) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

// ValidateString returns no error for what is unknown, or what another validator refuses.
func (v notBeforeCreatedAfter) ValidateString(ctx context.Context, request validator.StringRequest, response *validator.StringResponse) {
	var createdAfter types.String
	response.Diagnostics.Append(request.Config.GetAttribute(ctx, path.Root("created_after"), &createdAfter)...)
	after, afterErr := parseTimestamp(createdAfter.ValueString())
	before, beforeErr := parseTimestamp(request.ConfigValue.ValueString())
	if afterErr != nil || beforeErr != nil || !before.Before(after) {
		return
	}
	response.Diagnostics.Append(invalidValue(request.Path, errors.New(v.Description(ctx))))
}
