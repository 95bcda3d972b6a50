package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
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
	response.Schema = schema.Schema{
		MarkdownDescription: "Lists transcription sessions by status, by creation, or by ID, and optionally waits for all of them to " +
			"finish. The API shows a token only the sessions that were created with it.\n\n" +
			"A list can change while the provider reads its pages. The provider then reads it again, and returns a warning if " +
			"the list never settles. It cannot notice that one session disappears while another one appears. To be sure of a " +
			"session, name it in `session_ids`.",
		Attributes: together(waitsOnRead.attributes(), listFilterAttributes(" Conflicts with `session_ids`."), map[string]schema.Attribute{
			"session_ids": schema.ListAttribute{
				ElementType: types.StringType,
				MarkdownDescription: "Identifiers of the sessions to read. They are returned in this order, each once; one that " +
					"does not exist is an error. An empty list picks no session. Conflicts with `status`, `created_after`, " +
					"`created_before`, and `max_results`.",
				Optional:   true,
				Validators: sessionIDsValidators(),
			},
			"max_results": schema.Int64Attribute{
				MarkdownDescription: "Maximum number of sessions to list, counted after all filters; at least 1. The newest are " +
					"listed, and no more requests are sent than these need (one for 100 sessions). Conflicts with `session_ids`. " +
					"Defaults to all.",
				Optional:   true,
				Validators: []validator.Int64{int64validator.AtLeast(1)},
			},
			"total_results": schema.Int64Attribute{
				MarkdownDescription: "Number of sessions that the API reports for `status`, regardless of `created_after`, " +
					"`created_before`, and `max_results`. It counts all sessions if the API ignores `status`. With `session_ids`, the " +
					"number of sessions read.",
				Computed: true,
			},
			"sessions": schema.ListNestedAttribute{
				MarkdownDescription: "The sessions, the newest first or in the order of `session_ids`. With " +
					"`wait_for_completion` the sessions are picked when the wait begins, so that their `status` has moved on. " +
					"They have no `media_url`: one sensitive value in each element would make Terraform very slow. Read that with " +
					"the data source `scriptix_session`.",
				Computed:     true,
				NestedObject: schema.NestedAttributeObject{Attributes: listedSessionShape.attributes()},
			},
		}),
	}
}

// ConfigValidators refuse arguments that make no sense together.
func (d *sessionsDataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	var validators []datasource.ConfigValidator
	for _, argument := range []string{"status", "created_after", "created_before", "max_results"} {
		validators = append(validators, datasourcevalidator.Conflicting(path.MatchRoot(argument), path.MatchRoot("session_ids")))
	}
	return validators
}

// Configure takes what the provider hands to every data source.
func (d *sessionsDataSource) Configure(_ context.Context, request datasource.ConfigureRequest, response *datasource.ConfigureResponse) {
	d.data = dataFrom(request.ProviderData, &response.Diagnostics)
}

// Read picks the sessions, and waits for them if asked to.
func (d *sessionsDataSource) Read(ctx context.Context, request datasource.ReadRequest, response *datasource.ReadResponse) {
	selection, diags := readSelection(ctx, request.Config)
	response.Diagnostics.Append(diags...)
	arguments, diags := waitsOnRead.read(ctx, request.Config)
	response.Diagnostics.Append(diags...)
	if response.Diagnostics.HasError() {
		return
	}
	ctx, end := d.data.begin(ctx, arguments.timeout)
	defer end()

	listing, err := d.read(ctx, selection, arguments)
	if err != nil {
		response.Diagnostics.Append(failedRead{
			waitArguments: arguments,
			err:           err,
			subject:       selection.subject(),
			summary:       summaryUnableToList,
			path:          selection.path(),
		}.diagnostics()...)
	}
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

// read picks the sessions, and waits for them if asked to. A wait that ends before they have finished returns both the
// sessions as last read and an error.
func (d *sessionsDataSource) read(ctx context.Context, selection selection, arguments waitArguments) (*scriptix.Listing, error) {
	listing, err := selection.pick(ctx, d.data.client)
	if err != nil || !arguments.waits {
		return listing, err
	}
	listing.Sessions, err = d.data.waiter.Wait(ctx, listing.Sessions, arguments.options)
	return listing, err
}

// sessionIDsValidators check a list of session ids.
func sessionIDsValidators() []validator.List {
	return []validator.List{listvalidator.NoNullValues(), listvalidator.ValueStringsAre(sessionIDValidator)}
}

// selection is which sessions the configuration asks for.
type selection struct {
	list       scriptix.ListOptions
	byID       bool // session_ids is set, maybe to an empty list
	sessionIDs []string
}

func readSelection(ctx context.Context, config tfsdk.Config) (selection, diag.Diagnostics) {
	var maxResults types.Int64
	var sessionIDs types.List
	options, diags := readListFilter(ctx, config)
	diags.Append(config.GetAttribute(ctx, path.Root("max_results"), &maxResults)...)
	diags.Append(config.GetAttribute(ctx, path.Root("session_ids"), &sessionIDs)...)
	options.MaxResults = int(maxResults.ValueInt64())
	result := selection{list: options, byID: !sessionIDs.IsNull()}
	diags.Append(sessionIDs.ElementsAs(ctx, &result.sessionIDs, false)...)
	return result, diags
}

// pick reads the sessions as they are now.
func (s selection) pick(ctx context.Context, client *scriptix.Client) (*scriptix.Listing, error) {
	if !s.byID {
		return client.ListSessions(ctx, s.list)
	}
	sessions, err := client.GetSessions(ctx, s.sessionIDs)
	return &scriptix.Listing{Sessions: sessions, TotalResults: int64(len(sessions)), Settled: true}, err
}

// subject names the selection in diagnostics.
func (s selection) subject() string {
	if s.byID {
		return "the sessions of session_ids"
	}
	return listSubject(s.list)
}

// path is the argument to blame when a session does not exist.
func (s selection) path() path.Path {
	if s.byID {
		return path.Root("session_ids")
	}
	return path.Empty()
}
