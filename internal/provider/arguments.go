package provider

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// arguments is a configuration, a plan, or a state whose arguments can be read.
type arguments interface {
	GetAttribute(ctx context.Context, at path.Path, target any) diag.Diagnostics
}

// unknownArguments returns the names of the arguments that are not known in full.
func unknownArguments(block tftypes.Value) []string {
	var unknown []string
	for name, argument := range objectValues(block) {
		if !argument.IsFullyKnown() {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	return unknown
}

// readText parses an argument into target. It does not change target if the argument is null.
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
		diags.Append(invalidValue(at, err))
		return diags
	}
	*target = parsed
	return diags
}
