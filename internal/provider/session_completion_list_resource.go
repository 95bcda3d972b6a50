package provider

import (
	"context"
	"strings"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework/list"
	listschema "github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

var _ list.ListResourceWithConfigure = (*sessionCompletionListResource)(nil)

func newSessionCompletionListResource() list.ListResource { return &sessionCompletionListResource{} }

// sessionCompletionListResource is list "scriptix_session_completion", which finds sessions for terraform query. Each is
// listed as the completion that an import would create.
type sessionCompletionListResource struct {
	data *providerData
}

// Metadata names the list resource. It has the name of the resource.
func (l *sessionCompletionListResource) Metadata(_ context.Context, request resource.MetadataRequest, response *resource.MetadataResponse) {
	response.TypeName = request.ProviderTypeName + "_session_completion"
}

// ListResourceConfigSchema describes the config block.
func (l *sessionCompletionListResource) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, response *list.ListResourceSchemaResponse) {
	response.Schema = listschema.Schema{
		MarkdownDescription: "Finds transcription sessions with `terraform query`, to import them as `scriptix_session_completion`. " +
			"Requires Terraform 1.14.\n\n" +
			"Lists finished sessions, unless `status` is set, because an import only takes finished ones. Lists the newest first, and " +
			"never waits. Sends one request for 100 sessions, and no more than `limit` needs. The API shows a token only the sessions that were created with it.",
		Attributes: forListResource(listFilterAttributes("finished sessions, `completed` and `failed`", "")),
	}
}

// Configure takes what the provider passes to every list resource.
func (l *sessionCompletionListResource) Configure(_ context.Context, request resource.ConfigureRequest, response *resource.ConfigureResponse) {
	l.data = dataFrom(request.ProviderData, &response.Diagnostics)
}

// List streams the sessions. It sends requests when the stream is read, so that StopProvider can wait for its end.
func (l *sessionCompletionListResource) List(ctx context.Context, request list.ListRequest, stream *list.ListResultsStream) {
	options, diags := readListFilter(ctx, request.Config)
	if diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	options.MaxResults = int(min(max(0, request.Limit), maxWholeNumber))
	options.OnlyFinished = options.Status == ""
	connection, diags := l.data.connect()
	if diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	stream.Results = func(push func(list.ListResult) bool) {
		listing, err := connection.completions(ctx, options, request.IncludeResource)
		if err != nil {
			push(list.ListResult{Diagnostics: readFailure(err, listSubject(options), waitArguments{timeout: defaultReadTimeout})})
			return
		}
		warnings := sessionWarnings(listing.Sessions, false)
		if !listing.Settled {
			warnings.Append(unsettledListing(listSubject(options)))
		}
		if len(warnings) > 0 && !push(list.ListResult{Diagnostics: warnings}) {
			return
		}
		for i := range listing.Sessions {
			if !push(listResult(ctx, request, &listing.Sessions[i])) {
				return
			}
		}
	}
}

// completions lists the sessions. In full, it also reads the fields that the list omits of finished sessions.
func (c *connection) completions(ctx context.Context, options scriptix.ListOptions, inFull bool) (*scriptix.Listing, error) {
	ctx, end := c.begin(ctx, defaultReadTimeout)
	defer end()
	listing, err := c.client.ListSessions(ctx, options)
	if err != nil || !inFull {
		return listing, err
	}
	listing.Sessions, err = c.client.InFull(ctx, listing.Sessions)
	return listing, err
}

// listResult returns a session as a result of the list.
func listResult(ctx context.Context, request list.ListRequest, session *scriptix.Session) list.ListResult {
	result := request.NewListResult(ctx)
	result.DisplayName = displayName(session)
	result.Diagnostics.Append(result.Identity.SetAttribute(ctx, path.Root("session_id"), session.SessionID)...)
	if request.IncludeResource {
		result.Resource.Raw = completionOf(session, result.Resource.Raw.Type())
	}
	return result
}

// completionOf returns the completion of a session as an import would create it. It allows a failed session to have failed, so
// that the configuration that Terraform generates from it can be applied.
func completionOf(session *scriptix.Session, completion tftypes.Type) tftypes.Value {
	none := map[string]tftypes.Value{}
	for name, attribute := range completion.(tftypes.Object).AttributeTypes { //nolint:errcheck // a resource is an object
		none[name] = tftypes.NewValue(attribute, nil)
	}
	if session.Outcome() == scriptix.Failed {
		none["allow_failed"] = tftypes.NewValue(tftypes.Bool, true)
	}
	return stateOf(tftypes.NewValue(completion, none), completionShape.values(session))
}

// displayName returns the name that people recognize a session by. Terraform prints it unchanged, so control characters
// are replaced.
func displayName(session *scriptix.Session) string {
	name := session.SessionID
	if session.Filename != nil && *session.Filename != "" {
		name = *session.Filename
	}
	name += " (" + string(session.Status) + ")"
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, name)
}
