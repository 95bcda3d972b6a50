// Package provider is what Terraform sees: schemas, values, and diagnostics. It does not know HTTP.
package provider

import (
	"context"
	"log/slog"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/wait"
)

// Address is the registry address of the provider, and the only place that sets it.
const Address = "registry.terraform.io/scriptix/scriptix"

var (
	_ provider.Provider                       = (*scriptixProvider)(nil)
	_ provider.ProviderWithEphemeralResources = (*scriptixProvider)(nil)
	_ provider.ProviderWithActions            = (*scriptixProvider)(nil)
	_ provider.ProviderWithListResources      = (*scriptixProvider)(nil)
)

// New returns a function that returns the provider. When interrupted ends, every read and every wait ends as canceled.
// The version is that of the provider.
func New(interrupted context.Context, version string) func() provider.Provider {
	return func() provider.Provider {
		return &scriptixProvider{interrupted: interrupted, version: version, newWaiter: newWaiter}
	}
}

type scriptixProvider struct {
	interrupted context.Context
	version     string
	newWaiter   func(wait.Client, *slog.Logger) waiter // tests have one that polls more often
}

func newWaiter(client wait.Client, logger *slog.Logger) waiter { return wait.NewWaiter(client, logger) }

// providerModel is the provider block.
type providerModel struct {
	APIToken              types.String `tfsdk:"api_token"`
	BaseURL               types.String `tfsdk:"base_url"`
	MaxConcurrentRequests types.Number `tfsdk:"max_concurrent_requests"`
	RequestsPerMinute     types.Number `tfsdk:"requests_per_minute"`
	MaxRetries            types.Number `tfsdk:"max_retries"`
	RequestTimeout        types.String `tfsdk:"request_timeout"`
}

// Metadata names the provider.
func (p *scriptixProvider) Metadata(_ context.Context, _ provider.MetadataRequest, response *provider.MetadataResponse) {
	response.TypeName = "scriptix"
	response.Version = p.version
}

// Schema describes the provider block.
func (p *scriptixProvider) Schema(_ context.Context, _ provider.SchemaRequest, response *provider.SchemaResponse) {
	response.Schema = schema.Schema{
		MarkdownDescription: "Reads, lists, and waits for transcription sessions of [Scriptix](https://www.scriptix.io). Pipelines " +
			"continue when a transcript exists, and stop when a session fails.",
		Attributes: map[string]schema.Attribute{
			"api_token": schema.StringAttribute{
				MarkdownDescription: "Batch token of your Scriptix account. Prefer the environment variable `" + apiTokenVariable +
					"`, which Terraform does not store. One of the two is required. The argument takes precedence.",
				Optional:   true,
				Sensitive:  true,
				Validators: []validator.String{apiTokenValidator},
			},
			"base_url": schema.StringAttribute{
				MarkdownDescription: "Address of the API. Must begin with `https://`, or with `http://` for a loopback address. A path " +
					"is kept as a prefix. Can also be set in the environment variable `" + baseURLVariable + "`. The argument takes " +
					"precedence. Defaults to `" + scriptix.DefaultBaseURL + "`.",
				Optional:   true,
				Validators: []validator.String{baseURLValidator},
			},
			"max_concurrent_requests": schema.NumberAttribute{
				MarkdownDescription: "Maximum number of requests in flight at the same time. Must be at least `1`. Defaults to `2`, the " +
					"limit of the smallest Scriptix plan.",
				Optional:   true,
				Validators: []validator.Number{wholeNumberValidator{atLeast: 1}},
			},
			"requests_per_minute": schema.NumberAttribute{
				MarkdownDescription: "Maximum number of requests in any 60 seconds. Set it if several pipelines share a token. Must be " +
					"at least `1`. Defaults to no limit other than the API's own.",
				Optional:   true,
				Validators: []validator.Number{wholeNumberValidator{atLeast: 1}},
			},
			"max_retries": schema.NumberAttribute{
				MarkdownDescription: "Maximum number of retries after a network failure or an answer with status 408, 429, 500, 502, 503, " +
					"or 504. `0` disables retries. Defaults to `4`.",
				Optional:   true,
				Validators: []validator.Number{wholeNumberValidator{atLeast: 0}},
			},
			"request_timeout": schema.StringAttribute{
				MarkdownDescription: "Timeout for one attempt of a request, including its answer, as a duration such as `30s` or `1m30s`. " +
					"Must be more than zero. Defaults to `30s`.",
				Optional:   true,
				Validators: []validator.String{timeoutValidator},
			},
		},
	}
}

// Configure creates the connection that all blocks share. It sends nothing. Without a token, or with an argument that is
// not known yet, it succeeds: the block that has to send a request returns the error.
func (p *scriptixProvider) Configure(ctx context.Context, request provider.ConfigureRequest, response *provider.ConfigureResponse) {
	var model providerModel
	response.Diagnostics.Append(request.Config.Get(ctx, &model)...)
	if response.Diagnostics.HasError() {
		return
	}
	config, diags := model.clientConfig()
	response.Diagnostics.Append(diags...)
	if response.Diagnostics.HasError() {
		return
	}
	data := &providerData{}
	if model.hasNoToken() {
		data.missing.Append(missingAPIToken())
	}
	for _, name := range unknownArguments(request.Config.Raw) {
		data.unknown.Append(unknownProviderArgument(name))
	}
	if len(data.missing) == 0 && len(data.unknown) == 0 {
		config.UserAgent = userAgent(p.version, request.TerraformVersion)
		config.Logger = slog.New(logHandler{})
		data.connection = p.connection(config)
	}
	// One for all, so that all waits share their polls, and all requests share their limits.
	response.DataSourceData, response.ResourceData = data, data
	response.EphemeralResourceData, response.ActionData = data, data
	response.ListResourceData = data
}

// connection returns a connection with a client of its own.
func (p *scriptixProvider) connection(config scriptix.Config) *connection {
	client := scriptix.NewClient(config)
	return &connection{client: client, waiter: p.newWaiter(client.ForPolling(), config.Logger), interrupted: p.interrupted}
}

// hasNoToken reports whether neither the provider block nor the environment sets the token.
func (m *providerModel) hasNoToken() bool {
	_, source := orEnvironment(m.APIToken, "api_token", apiTokenVariable)
	return source == ""
}

// clientConfig returns the client's configuration from the provider block, the environment, and the defaults. It skips
// arguments that are not known, and a token that is not set.
func (m *providerModel) clientConfig() (scriptix.Config, diag.Diagnostics) {
	var diags diag.Diagnostics
	config := scriptix.Config{
		MaxConcurrentRequests: wholeNumber(m.MaxConcurrentRequests, scriptix.DefaultMaxConcurrentRequests),
		RequestsPerMinute:     wholeNumber(m.RequestsPerMinute, 0),
		MaxRetries:            wholeNumber(m.MaxRetries, scriptix.DefaultMaxRetries),
		RequestTimeout:        scriptix.DefaultRequestTimeout,
	}
	if !m.RequestTimeout.IsNull() && !m.RequestTimeout.IsUnknown() {
		timeout, err := parseTimeout(m.RequestTimeout.ValueString())
		if err != nil {
			diags.Append(invalidValue(path.Root("request_timeout"), err))
		}
		config.RequestTimeout = timeout
	}

	if token, source := orEnvironment(m.APIToken, "api_token", apiTokenVariable); source != "" && !m.APIToken.IsUnknown() {
		parsed, err := scriptix.NewToken(token)
		if err != nil {
			diags.Append(invalidArgument(path.Root("api_token"), source, err))
		}
		config.Token = parsed
	}
	address, source := orEnvironment(m.BaseURL, "base_url", baseURLVariable)
	if source == "" || m.BaseURL.IsUnknown() {
		address = scriptix.DefaultBaseURL
	}
	base, err := scriptix.ParseBaseURL(address)
	if err != nil {
		diags.Append(invalidArgument(path.Root("base_url"), source, err))
	}
	config.BaseURL = base
	return config, diags
}

// DataSources returns the data sources.
func (p *scriptixProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{newSessionDataSource, newSessionsDataSource}
}

// Resources returns the resources. None creates sessions, because uploads create them.
func (p *scriptixProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{newSessionCompletionResource, newSessionCompletionsResource}
}

// EphemeralResources returns the ephemeral resources.
func (p *scriptixProvider) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{newSessionEphemeralResource}
}

// Actions returns the actions.
func (p *scriptixProvider) Actions(context.Context) []func() action.Action {
	return []func() action.Action{newWaitForCompletionAction}
}

// ListResources returns what terraform query can find.
func (p *scriptixProvider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{newSessionCompletionListResource}
}
