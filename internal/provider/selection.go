package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// selection is which sessions a configuration asks for: some by their IDs, or those of a list.
type selection struct {
	list       scriptix.ListOptions
	byID       bool // session_ids is set, maybe to an empty list
	sessionIDs []string
}

// sessionIDsValidators validate a list of session IDs.
func sessionIDsValidators() []validator.List {
	return []validator.List{listvalidator.NoNullValues(), listvalidator.ValueStringsAre(sessionIDValidator)}
}

// readSelection reads the selection from the configuration of a data source.
func readSelection(ctx context.Context, config arguments) (selection, diag.Diagnostics) {
	var maxResults types.Number
	var sessionIDs types.List
	options, diags := readListFilter(ctx, config)
	diags.Append(config.GetAttribute(ctx, path.Root("max_results"), &maxResults)...)
	diags.Append(config.GetAttribute(ctx, path.Root("session_ids"), &sessionIDs)...)
	options.MaxResults = wholeNumber(maxResults, 0)
	result := selection{list: options, byID: !sessionIDs.IsNull()}
	diags.Append(sessionIDs.ElementsAs(ctx, &result.sessionIDs, false)...)
	return result, diags
}

// isEmpty reports whether the configuration asks for no session.
func (s selection) isEmpty() bool { return s.byID && len(s.sessionIDs) == 0 }

// subject returns the selection as diagnostics name it.
func (s selection) subject() subject {
	if s.byID {
		return subject{name: "the sessions of session_ids", summary: summaryUnableToList, path: path.Root("session_ids")}
	}
	return listSubject(s.list)
}
