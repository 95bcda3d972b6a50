package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	datasourceschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
)

var _ datasource.DataSourceWithConfigure = (*sessionDataSource)(nil)

func newSessionDataSource() datasource.DataSource { return &sessionDataSource{} }

// sessionDataSource is data "scriptix_session", which reads one session.
type sessionDataSource struct {
	data *providerData
}

// Metadata names the data source.
func (d *sessionDataSource) Metadata(_ context.Context, request datasource.MetadataRequest, response *datasource.MetadataResponse) {
	response.TypeName = request.ProviderTypeName + "_session"
}

// Schema describes the data source.
func (d *sessionDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, response *datasource.SchemaResponse) {
	response.Schema = datasourceschema.Schema{
		MarkdownDescription: "Reads a transcription session, and optionally waits for it to finish.\n\n" +
			"Without `wait_for_completion`, a failed session is no error: use `status` and `error` in a `postcondition` or a `check`. " +
			"With `wait_for_completion`, a failed session is an error, unless `allow_failed` is set.",
		Attributes: forDataSource(together(sessionShape.attributes(), waitsOnRead.attributes(), map[string]schema.Attribute{
			"session_id": sessionIDAttribute(),
		})),
	}
}

// Configure takes what the provider passes to every data source.
func (d *sessionDataSource) Configure(_ context.Context, request datasource.ConfigureRequest, response *datasource.ConfigureResponse) {
	d.data = dataFrom(request.ProviderData, &response.Diagnostics)
}

// Read reads the session, and waits for it if the configuration says so.
func (d *sessionDataSource) Read(ctx context.Context, request datasource.ReadRequest, response *datasource.ReadResponse) {
	session, diags := d.data.configuredSession(ctx, request.Config, waitsOnRead)
	response.Diagnostics.Append(diags...)
	if response.Diagnostics.HasError() {
		return
	}
	response.Diagnostics.Append(response.State.Set(ctx, stateOf(request.Config.Raw, sessionShape.values(session)))...)
}
