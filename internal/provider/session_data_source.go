package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

var (
	_ datasource.DataSourceWithConfigure        = (*sessionDataSource)(nil)
	_ datasource.DataSourceWithConfigValidators = (*sessionDataSource)(nil)
)

func newSessionDataSource() datasource.DataSource { return &sessionDataSource{} }

// sessionDataSource is data "scriptix_session": one session.
type sessionDataSource struct {
	data *providerData
}

// Metadata names the data source.
func (d *sessionDataSource) Metadata(_ context.Context, request datasource.MetadataRequest, response *datasource.MetadataResponse) {
	response.TypeName = request.ProviderTypeName + "_session"
}

// Schema describes the data source.
func (d *sessionDataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, response *datasource.SchemaResponse) {
	attributes := withWaitAttributes(ctx, sessionShape.attributes())
	attributes["session_id"] = schema.StringAttribute{
		MarkdownDescription: "Identifier of the session, as the upload returned it. Must not be empty or contain white " +
			"space, control characters or slashes.",
		Required:   true,
		Validators: []validator.String{sessionIDValidator},
	}
	response.Schema = schema.Schema{
		MarkdownDescription: "Reads one transcription session, and waits until it has finished if asked to.\n\n" +
			"Reading never fails because the session failed: `status` and `error` are then data for a `postcondition` or a " +
			"`check`. With `wait_for_completion`, a failed session is an error, unless `allow_failed` is set.",
		Attributes: attributes,
	}
}

// ConfigValidators refuse arguments that make no sense together.
func (d *sessionDataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{pollsBeforeTimeout{}}
}

// Configure takes what the provider hands to every data source.
func (d *sessionDataSource) Configure(_ context.Context, request datasource.ConfigureRequest, response *datasource.ConfigureResponse) {
	d.data = dataFrom(request.ProviderData, &response.Diagnostics)
}

// Read reads the session, and waits for it if asked to.
func (d *sessionDataSource) Read(ctx context.Context, request datasource.ReadRequest, response *datasource.ReadResponse) {
	var sessionID types.String
	response.Diagnostics.Append(request.Config.GetAttribute(ctx, path.Root("session_id"), &sessionID)...)
	arguments, diags := readWaitArguments(ctx, request.Config)
	response.Diagnostics.Append(diags...)
	if response.Diagnostics.HasError() {
		return
	}
	ctx, end := d.data.begin(ctx, arguments.timeout)
	defer end()

	session, err := d.read(ctx, sessionID.ValueString(), arguments)
	if err != nil {
		response.Diagnostics.Append(failedRead{
			err:     err,
			subject: "session " + quoted(sessionID.ValueString()),
			summary: summaryUnableToRead,
			path:    path.Root("session_id"),
			timeout: arguments.timeout,
		}.diagnostics()...)
		return
	}
	if arguments.waits {
		response.Diagnostics.Append(unrecognisedStatuses([]scriptix.Session{*session})...)
	}
	response.Diagnostics.Append(response.State.Set(ctx, stateOf(ctx, request.Config, sessionShape.values(session)))...)
}

func (d *sessionDataSource) read(ctx context.Context, sessionID string, arguments waitArguments) (*scriptix.Session, error) {
	session, err := d.data.client.GetSession(ctx, sessionID)
	if err != nil || !arguments.waits {
		return session, err
	}
	finished, err := d.data.waiter.Wait(ctx, []scriptix.Session{*session}, arguments.options)
	if err != nil {
		return nil, err
	}
	return &finished[0], nil
}
