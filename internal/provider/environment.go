package provider

import (
	"os"
	"strings"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Environment variables that set arguments of the provider block.
const (
	apiTokenVariable = "SCRIPTIX_API_TOKEN"
	baseURLVariable  = "SCRIPTIX_BASE_URL"
	// userAgentVariable is Terraform's convention to name the automation that runs it.
	userAgentVariable = "TF_APPEND_USER_AGENT"
)

// orEnvironment returns a value and its source: the argument, or else the environment variable. The source is "" if neither
// is set. An empty variable is not set, because CI systems set it to "" if they have no value for it.
func orEnvironment(argument types.String, name, variable string) (text, source string) {
	if !argument.IsNull() {
		return argument.ValueString(), "The argument " + name
	}
	if text := os.Getenv(variable); text != "" {
		return text, "The environment variable " + variable
	}
	return "", ""
}

// userAgent names the provider, Terraform and, by Terraform's convention, the automation that runs Terraform.
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
