package provider

import (
	"math/big"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func TestProviderBlockLeftEmptyHasTheDocumentedDefaults(t *testing.T) {
	model := providerModel{APIToken: types.StringValue("token")}
	config, diagnostics := model.clientConfig()
	if len(diagnostics) > 0 {
		t.Fatal(diagnostics)
	}
	if got := config.BaseURL.String(); got != "https://api.scriptix.io" {
		t.Errorf("base_url is %s", got)
	}
	if config.MaxConcurrentRequests != 2 || config.RequestsPerMinute != 0 || config.MaxRetries != 4 || config.RequestTimeout != 30*time.Second {
		t.Errorf("the defaults are %+v", config)
	}
}

// CI systems set a variable to "" when they have no value for it. A blank one is a mistake.
func TestEmptyEnvironmentCountsAsNotSet(t *testing.T) {
	t.Setenv("SCRIPTIX_API_TOKEN", "")
	t.Setenv("SCRIPTIX_BASE_URL", "")
	config, diagnostics := (&providerModel{}).clientConfig()
	if len(diagnostics) > 0 || !(&providerModel{}).hasNoToken() {
		t.Errorf("the token counts as set: %v", diagnostics)
	}
	if got := config.BaseURL.String(); got != "https://api.scriptix.io" {
		t.Errorf("base_url is %s", got)
	}

	t.Setenv("SCRIPTIX_BASE_URL", " ")
	t.Setenv("SCRIPTIX_API_TOKEN", "\t")
	_, diagnostics = (&providerModel{}).clientConfig()
	for _, diagnostic := range diagnostics {
		if diagnostic.Summary() != summaryInvalidArgument {
			t.Error(diagnostic)
		}
	}
	if len(diagnostics) != 2 {
		t.Errorf("blank values: %v", diagnostics)
	}
}

func TestProviderBlockIsHandedToTheClient(t *testing.T) {
	model := providerModel{
		APIToken:              types.StringValue("token"),
		BaseURL:               types.StringValue("https://example.com/prefix"),
		MaxConcurrentRequests: types.NumberValue(big.NewFloat(5)),
		RequestsPerMinute:     types.NumberValue(big.NewFloat(30)),
		MaxRetries:            types.NumberValue(big.NewFloat(0)),
		RequestTimeout:        types.StringValue("1m30s"),
	}
	config, diagnostics := model.clientConfig()
	if len(diagnostics) > 0 {
		t.Fatal(diagnostics)
	}
	if got := config.BaseURL.String(); got != "https://example.com/prefix" {
		t.Errorf("base_url is %s", got)
	}
	if config.MaxConcurrentRequests != 5 || config.RequestsPerMinute != 30 || config.MaxRetries != 0 || config.RequestTimeout != 90*time.Second {
		t.Errorf("the arguments have become %+v", config)
	}
}

func TestConfigurationOfNothingIsNil(t *testing.T) {
	// While Terraform validates, data sources are configured without a provider.
	var diags diag.Diagnostics
	if got := dataFrom(nil, &diags); got != nil || diags.HasError() {
		t.Errorf("got %v, %v", got, diags)
	}
}

func TestConfigurationOfAnotherKindIsABugThatIsTold(t *testing.T) {
	var diags diag.Diagnostics
	if got := dataFrom("data", &diags); got != nil || len(diags) != 1 {
		t.Fatalf("got %v, %v", got, diags)
	}
	equal(t, diags[0], "Unexpected Configure Type", "Expected *provider.providerData, got string.\n\n"+
		"This is a bug in the provider. Report it to its maintainers.")
}
