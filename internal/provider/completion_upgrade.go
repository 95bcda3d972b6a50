package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// completionSchemaVersion is the version of the states of scriptix_session_completion. In version 0, id was the internal
// number of the session, and timeouts had a read.
const completionSchemaVersion = 1

// UpgradeState reads states of version 0.
func (r *sessionCompletionResource) UpgradeState(context.Context) map[int64]resource.StateUpgrader {
	return map[int64]resource.StateUpgrader{0: {StateUpgrader: upgradeCompletion}}
}

func upgradeCompletion(ctx context.Context, request resource.UpgradeStateRequest, response *resource.UpgradeStateResponse) {
	current := response.State.Schema.Type().TerraformType(ctx)
	ignoring := tfprotov6.UnmarshalOpts{ValueFromJSONOpts: tftypes.ValueFromJSONOpts{IgnoreUndefinedAttributes: true}}
	state, err := request.RawState.UnmarshalWithOpts(current, ignoring)
	if err != nil {
		response.Diagnostics.Append(unreadableState(err))
		return
	}
	sessionID := objectValues(state)["session_id"]
	response.State.Raw = stateOf(state, map[string]tftypes.Value{"id": sessionID})
}
