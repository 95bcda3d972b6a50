// Package provider is what Terraform sees: schemas, values and diagnostics. It knows no HTTP.
package provider

import (
	"context"
	"log/slog"
	"os"
	"strings"
	"time"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
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

// Address is where Terraform finds the provider. Whoever publishes it under another name changes it here.
const Address = "registry.terraform.io/scriptix/scriptix"

// Environment variables that stand in for arguments of the provider block.
const (
	apiTokenVariable = "SCRIPTIX_API_TOKEN"
	baseURLVariable  = "SCRIPTIX_BASE_URL"
	// userAgentVariable is Terraform's own convention for naming the automation that runs it.
	userAgentVariable = "TF_APPEND_USER_AGENT"
)

var (
	_ provider.Provider                       = (*scriptixProvider)(nil)
	_ provider.ProviderWithEphemeralResources = (*scriptixProvider)(nil)
	_ provider.ProviderWithActions            = (*scriptixProvider)(nil)
	_ provider.ProviderWithListResources      = (*scriptixProvider)(nil)
)

// New returns a function that makes the provider. The end of interrupted ends every read and every wait, as
// cancelled; version is the provider's own.
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

// waiter waits for sessions. See wait.Waiter.
type waiter interface {
	Wait(ctx context.Context, sessions []scriptix.Session, options wait.Options) ([]scriptix.Session, error)
}

func newWaiter(client wait.Client, logger *slog.Logger) waiter { return wait.NewWaiter(client, logger) }

// providerModel is the provider block.
type providerModel struct {
	APIToken              types.String `tfsdk:"api_token"`
	BaseURL               types.String `tfsdk:"base_url"`
	MaxConcurrentRequests types.Int64  `tfsdk:"max_concurrent_requests"`
	RequestsPerMinute     types.Int64  `tfsdk:"requests_per_minute"`
	MaxRetries            types.Int64  `tfsdk:"max_retries"`
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
		MarkdownDescription: "Reads, lists and awaits transcription sessions of [Scriptix](https://www.scriptix.io), " +
			"so that a pipeline can go on when a transcript is there and stop when it failed.",
		Attributes: map[string]schema.Attribute{
			"api_token": schema.StringAttribute{
				MarkdownDescription: "Batch token of your Scriptix account. Better set in the environment variable `" +
					apiTokenVariable + "`, which Terraform stores nowhere. Required in one of the two places; the argument wins.",
				Optional:   true,
				Sensitive:  true,
				Validators: []validator.String{apiTokenValidator},
			},
			"base_url": schema.StringAttribute{
				MarkdownDescription: "Address of the API: `https`, or `http` to a loopback address only. A path in it is kept " +
					"as a prefix. Can be set in the environment variable `" + baseURLVariable + "` as well; the argument wins. " +
					"Default: `" + scriptix.DefaultBaseURL + "`.",
				Optional:   true,
				Validators: []validator.String{baseURLValidator},
			},
			"max_concurrent_requests": schema.Int64Attribute{
				MarkdownDescription: "How many requests may be under way at the same time, at least 1. Default: `2`, the " +
					"limit of the smallest Scriptix plan.",
				Optional:   true,
				Validators: []validator.Int64{int64validator.AtLeast(1)},
			},
			"requests_per_minute": schema.Int64Attribute{
				MarkdownDescription: "A cap of your own on the requests sent in any 60 seconds, at least 1, so that several " +
					"pipelines can share a token. Default: no cap beside the API's own limits.",
				Optional:   true,
				Validators: []validator.Int64{int64validator.AtLeast(1)},
			},
			"max_retries": schema.Int64Attribute{
				MarkdownDescription: "How often a request is sent again after a network failure or an answer with status 408, " +
					"429, 500, 502, 503 or 504. `0` turns retries off. Default: `4`.",
				Optional:   true,
				Validators: []validator.Int64{int64validator.AtLeast(0)},
			},
			"request_timeout": schema.StringAttribute{
				MarkdownDescription: "How long one attempt of a request may take, its answer included, as a duration such as " +
					"`30s` or `1m30s`; more than zero. Default: `30s`.",
				Optional:   true,
				Validators: []validator.String{timeoutValidator},
			},
		},
	}
}

// Configure makes what all data sources, resources and actions share from the provider block and the environment. It sends nothing.
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
	config.UserAgent = userAgent(p.version, request.TerraformVersion)
	config.Logger = slog.New(logHandler{})

	client := scriptix.NewClient(config)
	data := &providerData{
		client:      client,
		waiter:      p.newWaiter(client.ForPolling(), config.Logger),
		interrupted: p.interrupted,
	}
	// One for all, so that whatever waits shares its polling and its limits with everything else that does.
	response.DataSourceData, response.ResourceData = data, data
	response.EphemeralResourceData, response.ActionData = data, data
	response.ListResourceData = data
}

// clientConfig puts defaults and environment variables where the provider block leaves room.
func (m *providerModel) clientConfig() (scriptix.Config, diag.Diagnostics) {
	var diags diag.Diagnostics
	config := scriptix.Config{
		MaxConcurrentRequests: int(orDefault(m.MaxConcurrentRequests, scriptix.DefaultMaxConcurrentRequests)),
		RequestsPerMinute:     int(m.RequestsPerMinute.ValueInt64()),
		MaxRetries:            int(orDefault(m.MaxRetries, scriptix.DefaultMaxRetries)),
		RequestTimeout:        scriptix.DefaultRequestTimeout,
	}
	if !m.RequestTimeout.IsNull() {
		timeout, err := parseTimeout(m.RequestTimeout.ValueString())
		if err != nil {
			diags.Append(invalidValue(path.Root("request_timeout"), m.RequestTimeout.ValueString(), err))
		}
		config.RequestTimeout = timeout
	}

	token, source := orEnvironment(m.APIToken, "api_token", apiTokenVariable)
	if source == "" {
		diags.Append(missingAPIToken())
	} else if parsed, err := scriptix.NewToken(token); err != nil {
		diags.Append(invalidArgument(path.Root("api_token"), source, err))
	} else {
		config.Token = parsed
	}

	address, source := orEnvironment(m.BaseURL, "base_url", baseURLVariable)
	if source == "" {
		address = scriptix.DefaultBaseURL
	}
	base, err := scriptix.ParseBaseURL(address)
	if err != nil {
		diags.Append(invalidArgument(path.Root("base_url"), source, err))
	}
	config.BaseURL = base
	return config, diags
}

// orEnvironment returns a text and the place that it comes from: the argument, else the environment variable,
// else nowhere, which is "". CI systems set a variable to "" when they have no value for it, so that counts as not set.
func orEnvironment(argument types.String, name, variable string) (text, source string) {
	if !argument.IsNull() {
		return argument.ValueString(), "The argument " + name
	}
	if text := os.Getenv(variable); text != "" {
		return text, "The environment variable " + variable
	}
	return "", ""
}

func orDefault(argument types.Int64, otherwise int64) int64 {
	if argument.IsNull() {
		return otherwise
	}
	return argument.ValueInt64()
}

// userAgent names this provider, Terraform and, by Terraform's convention, whatever runs Terraform.
func userAgent(version, terraformVersion string) string {
	agent := "terraform-provider-scriptix/" + version + " Terraform/" + terraformVersion
	appended := strings.Map(func(r rune) rune {
		if r > unicode.MaxASCII || !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, os.Getenv(userAgentVariable))
	return strings.TrimSpace(agent + " " + strings.TrimSpace(appended))
}

// DataSources lists the data sources.
func (p *scriptixProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{newSessionDataSource, newSessionsDataSource}
}

// Resources lists the resources. None makes sessions: those are made by uploading, which is not Terraform's job.
func (p *scriptixProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{newSessionCompletionResource}
}

// EphemeralResources lists the ephemeral resources.
func (p *scriptixProvider) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{newSessionEphemeralResource}
}

// Actions lists the actions.
func (p *scriptixProvider) Actions(context.Context) []func() action.Action {
	return []func() action.Action{newWaitForCompletionAction}
}

// ListResources lists what terraform query can find.
func (p *scriptixProvider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{newSessionCompletionListResource}
}

// providerData is what everything that reads sessions gets from the configured provider.
type providerData struct {
	client      *scriptix.Client
	waiter      waiter
	interrupted context.Context
}

// dataFrom is nil while Terraform only validates: then the provider has not been configured.
func dataFrom(configured any, diags *diag.Diagnostics) *providerData {
	data, ok := configured.(*providerData)
	if !ok && configured != nil {
		diags.Append(unexpectedProviderData(configured))
	}
	return data
}

// begin bounds an operation in time and ends it, as cancelled, when the provider is interrupted.
func (d *providerData) begin(ctx context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	unlisten := context.AfterFunc(d.interrupted, cancel)
	return ctx, func() {
		unlisten()
		cancel()
	}
}
