package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	datasourceschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

var (
	_ datasource.DataSourceWithConfigure        = (*sessionsDataSource)(nil)
	_ datasource.DataSourceWithConfigValidators = (*sessionsDataSource)(nil)
)

func newSessionsDataSource() datasource.DataSource { return &sessionsDataSource{} }

// sessionsDataSource is data "scriptix_sessions": many sessions.
type sessionsDataSource struct {
	data *providerData
}

// Metadata names the data source.
func (d *sessionsDataSource) Metadata(_ context.Context, request datasource.MetadataRequest, response *datasource.MetadataResponse) {
	response.TypeName = request.ProviderTypeName + "_sessions"
}

// Schema describes the data source.
func (d *sessionsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, response *datasource.SchemaResponse) {
	response.Schema = datasourceschema.Schema{
		MarkdownDescription: "Lists transcription sessions by status, creation time, or ID, and optionally waits for all of them to finish. " +
			"The API shows a token only the sessions that were created with it.\n\n" +
			"A list can change while the provider reads its pages. The provider then reads it again, and returns a warning if the " +
			"list never settles. It cannot notice that one session disappears while another one appears. If you must not miss a " +
			"session, name it in `session_ids`.",
		Attributes: forDataSource(together(waitsOnReadOfMany.attributes(), listFilterAttributes("all statuses", " Conflicts with `session_ids`."), map[string]schema.Attribute{
			"session_ids": schema.ListAttribute{
				ElementType: types.StringType,
				MarkdownDescription: "IDs of the sessions to read. `sessions` has this order, with each session once. A session that does " +
					"not exist is an error. An empty list selects no session. Conflicts with `status`, `created_after`, " +
					"`created_before`, and `max_results`.",
				Optional:   true,
				Validators: sessionIDsValidators(),
			},
			"max_results": schema.NumberAttribute{
				MarkdownDescription: "Maximum number of sessions to list, after all filters. Must be at least `1`. The provider lists the " +
					"newest sessions, and sends one request for 100 of them. Defaults to all sessions. Conflicts with `session_ids`.",
				Optional:   true,
				Validators: []validator.Number{wholeNumberValidator{atLeast: 1}},
			},
			"total_results": schema.Int64Attribute{
				MarkdownDescription: "Number of sessions that the API reports for `status`, regardless of `created_after`, `created_before`, " +
					"and `max_results`. Counts all sessions if the API ignores `status`. With `session_ids`, the number of sessions read.",
				Computed: true,
			},
			"sessions": schema.ListNestedAttribute{
				MarkdownDescription: "Sessions, newest first or in the order of `session_ids`. With `wait_for_completion`, the provider " +
					"selects them when the wait begins, so their `status` may no longer match the filter. They have no `media_url`, " +
					"because one sensitive value in each element would make Terraform very slow. Use the data source `scriptix_session` " +
					"to read it.",
				Computed:     true,
				NestedObject: schema.NestedAttributeObject{Attributes: listedSessionShape.attributes()},
			},
		})),
	}
}

// ConfigValidators returns the validators for arguments that conflict with each other.
func (d *sessionsDataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	var validators []datasource.ConfigValidator
	for _, argument := range []string{"status", "created_after", "created_before", "max_results"} {
		validators = append(validators, datasourcevalidator.Conflicting(path.MatchRoot(argument), path.MatchRoot("session_ids")))
	}
	return validators
}

// Configure takes what the provider passes to every data source.
func (d *sessionsDataSource) Configure(_ context.Context, request datasource.ConfigureRequest, response *datasource.ConfigureResponse) {
	d.data = dataFrom(request.ProviderData, &response.Diagnostics)
}

// Read reads the sessions, and waits for them if the configuration says so.
func (d *sessionsDataSource) Read(ctx context.Context, request datasource.ReadRequest, response *datasource.ReadResponse) {
	selection, diags := readSelection(ctx, request.Config)
	response.Diagnostics.Append(diags...)
	arguments, diags := waitsOnReadOfMany.read(ctx, request.Config)
	response.Diagnostics.Append(diags...)
	if response.Diagnostics.HasError() {
		return
	}
	listing, diags := d.data.sessions(ctx, selection, arguments)
	response.Diagnostics.Append(diags...)
	if response.Diagnostics.HasError() {
		return
	}
	if !listing.Settled {
		response.Diagnostics.Append(unsettledListing(selection.subject()))
	}
	response.Diagnostics.Append(sessionWarnings(listing.Sessions, arguments.waits)...)
	response.Diagnostics.Append(response.State.Set(ctx, stateOf(request.Config.Raw, map[string]tftypes.Value{
		"total_results": tftypes.NewValue(tftypes.Number, listing.TotalResults),
		"sessions":      tftypes.NewValue(tftypes.List{ElementType: listedSessionShape.objectType}, nil),
	}))...)
	handOverSessions(ctx, listing.Sessions)
}
