package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	ephemeralschema "github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
)

var _ ephemeral.EphemeralResourceWithConfigure = (*sessionEphemeralResource)(nil)

func newSessionEphemeralResource() ephemeral.EphemeralResource { return &sessionEphemeralResource{} }

// sessionEphemeralResource is ephemeral "scriptix_session", which reads one session. Terraform does not store it.
type sessionEphemeralResource struct {
	data *providerData
}

// Metadata names the ephemeral resource.
func (r *sessionEphemeralResource) Metadata(_ context.Context, request ephemeral.MetadataRequest, response *ephemeral.MetadataResponse) {
	response.TypeName = request.ProviderTypeName + "_session"
}

// Schema describes the ephemeral resource.
func (r *sessionEphemeralResource) Schema(_ context.Context, _ ephemeral.SchemaRequest, response *ephemeral.SchemaResponse) {
	response.Schema = ephemeralschema.Schema{
		MarkdownDescription: "Reads a transcription session without storing it, and optionally waits for it to finish. Neither the state " +
			"nor a saved plan holds the session. Requires Terraform 1.10 or OpenTofu 1.11.\n\n" +
			"Without `wait_for_completion`, a failed session is no error. With `wait_for_completion`, a failed session is an error, " +
			"unless `allow_failed` is set.",
		Attributes: forEphemeralResource(together(sessionShape.attributes(), waitsOnOpen.attributes(), map[string]schema.Attribute{
			"session_id": sessionIDAttribute(),
		})),
	}
}

// Configure takes what the provider passes to every ephemeral resource.
func (r *sessionEphemeralResource) Configure(_ context.Context, request ephemeral.ConfigureRequest, response *ephemeral.ConfigureResponse) {
	r.data = dataFrom(request.ProviderData, &response.Diagnostics)
}

// Open reads the session, and waits for it if the configuration says so. Nothing needs to be closed.
func (r *sessionEphemeralResource) Open(ctx context.Context, request ephemeral.OpenRequest, response *ephemeral.OpenResponse) {
	session, diags := r.data.configuredSession(ctx, request.Config, waitsOnOpen)
	response.Diagnostics.Append(diags...)
	if response.Diagnostics.HasError() {
		return
	}
	response.Diagnostics.Append(response.Result.Set(ctx, stateOf(request.Config.Raw, sessionShape.values(session)))...)
}
