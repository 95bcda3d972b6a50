// Package mirror lets Terraform use the provider of this checkout, as if it had come from a registry or in its place.
// Nothing is downloaded.
package mirror

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/scriptix/terraform-provider-scriptix/internal/provider"
	"github.com/scriptix/terraform-provider-scriptix/internal/tools/compile"
)

// Address is the provider's address.
const Address = provider.Address

// version is one that no release will ever have. It cannot be 0.0.0, which means "none" to Terraform.
const version = "0.0.1"

// Mirror is a folder with the provider in it, and a Terraform CLI configuration that knows no other source of it.
type Mirror struct {
	configFile string
}

// Build compiles the provider of the checkout into a mirror in the folder.
func Build(ctx context.Context, checkout, folder string) (Mirror, error) {
	packages := filepath.Join(folder, "providers")
	if err := compile.Program(ctx, checkout, ".", filepath.Join(packages, executable())); err != nil {
		return Mirror{}, err
	}
	return configured(packages, folder)
}

// BuildOverride compiles the provider of the checkout into the folder. Terraform then uses it without init, and says so
// in a warning: for many short runs, each of which would otherwise install it.
func BuildOverride(ctx context.Context, checkout, folder string) (Mirror, error) {
	program := filepath.Join(folder, "provider", "terraform-provider-scriptix"+suffix())
	if err := compile.Program(ctx, checkout, ".", program); err != nil {
		return Mirror{}, err
	}
	return Override(filepath.Dir(program), folder)
}

// Override has Terraform use the provider in the folder of programs without init.
func Override(programs, folder string) (Mirror, error) {
	return written(folder, fmt.Sprintf("dev_overrides {\n    %q = %q\n  }", Address, programs))
}

// configured writes the CLI configuration of a mirror whose packages are in place.
func configured(packages, folder string) (Mirror, error) {
	return written(folder, fmt.Sprintf("filesystem_mirror {\n    path = %q\n  }", packages))
}

// written writes a CLI configuration with one source of providers.
func written(folder, source string) (Mirror, error) {
	mirror := Mirror{configFile: filepath.Join(folder, "terraform.tfrc")}
	return mirror, os.WriteFile(mirror.configFile, []byte("provider_installation {\n  "+source+"\n}\n"), 0o600)
}

// Environment is this process's environment for Terraform: what people set to steer their own Terraform runs and their
// own account is taken out, the mirror is put in.
func (m Mirror) Environment(added ...string) []string {
	var environment []string
	for _, setting := range os.Environ() {
		if !strings.HasPrefix(setting, "TF_") && !strings.HasPrefix(setting, "SCRIPTIX_") {
			environment = append(environment, setting)
		}
	}
	environment = append(environment, "TF_CLI_CONFIG_FILE="+m.configFile, "CHECKPOINT_DISABLE=1")
	return append(environment, added...)
}

// executable is where Terraform looks for the provider in a mirror of unpacked packages.
func executable() string {
	name := "terraform-provider-scriptix_v" + version + suffix()
	return filepath.Join(filepath.FromSlash(Address), version, runtime.GOOS+"_"+runtime.GOARCH, name)
}

// suffix is what the names of programs end with.
func suffix() string {
	if runtime.GOOS == "windows" {
		return ".exe"
	}
	return ""
}
