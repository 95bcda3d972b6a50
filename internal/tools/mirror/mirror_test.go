package mirror

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// smallCheckout has a provider that is compiled in no time.
func smallCheckout(t *testing.T) string {
	t.Helper()
	checkout := t.TempDir()
	for name, content := range map[string]string{
		"go.mod":  "module example.org/small\n\ngo 1.25\n",
		"main.go": "package main\n\nfunc main() {}\n",
	} {
		if err := os.WriteFile(filepath.Join(checkout, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return checkout
}

func TestBuildLaysTheMirrorOut(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if _, err := Build(t.Context(), smallCheckout(t), folder); err != nil {
		t.Fatal(err)
	}

	packages := filepath.Join(folder, "providers")
	matches, err := filepath.Glob(filepath.Join(packages, "registry.terraform.io", "scriptix", "scriptix", "*",
		runtime.GOOS+"_"+runtime.GOARCH, "terraform-provider-scriptix_v*"))
	if err != nil || len(matches) != 1 {
		t.Errorf("the mirror holds %v (%v), want one provider", matches, err)
	}

	config, err := os.ReadFile(filepath.Join(folder, "terraform.tfrc"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(config), `path = "`+packages+`"`) || strings.Contains(string(config), "direct") {
		t.Errorf("the CLI configuration must name the mirror and nothing else:\n%s", config)
	}
}

func TestBuildOverridePutsTheProviderInTheRegistrysPlace(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	built, err := BuildOverride(t.Context(), smallCheckout(t), folder)
	if err != nil {
		t.Fatal(err)
	}
	programs, err := filepath.Glob(filepath.Join(folder, "provider", "terraform-provider-scriptix*"))
	if err != nil || len(programs) != 1 {
		t.Errorf("the folder holds %v (%v), want one provider", programs, err)
	}
	config, err := os.ReadFile(built.configFile)
	if err != nil {
		t.Fatal(err)
	}
	want := `"` + Address + `" = "` + filepath.Join(folder, "provider") + `"`
	if !strings.Contains(string(config), want) || strings.Contains(string(config), "direct") {
		t.Errorf("the CLI configuration must name the provider and nothing else:\n%s", config)
	}
}

func TestBuildFailsWithoutAProvider(t *testing.T) {
	t.Parallel()
	if _, err := Build(t.Context(), t.TempDir(), t.TempDir()); err == nil {
		t.Error("an empty checkout has no provider to build")
	}
	if _, err := BuildOverride(t.Context(), t.TempDir(), t.TempDir()); err == nil {
		t.Error("an empty checkout has no provider to override with")
	}
}

func TestEnvironmentKeepsOtherSettingsOut(t *testing.T) {
	t.Setenv("TF_CLI_ARGS", "-destroy")
	t.Setenv("TF_IN_AUTOMATION", "1")
	t.Setenv("SCRIPTIX_API_TOKEN", "a-real-one")
	t.Setenv("ANYTHING_ELSE", "kept")

	environment := Mirror{configFile: "/mirror/terraform.tfrc"}.Environment("SCRIPTIX_BASE_URL=http://127.0.0.1:1")

	for _, want := range []string{
		"TF_CLI_CONFIG_FILE=/mirror/terraform.tfrc",
		"CHECKPOINT_DISABLE=1",
		"SCRIPTIX_BASE_URL=http://127.0.0.1:1",
		"ANYTHING_ELSE=kept",
	} {
		if !slices.Contains(environment, want) {
			t.Errorf("%s is missing", want)
		}
	}
	for _, setting := range environment {
		if name, _, _ := strings.Cut(setting, "="); slices.Contains([]string{"TF_CLI_ARGS", "TF_IN_AUTOMATION", "SCRIPTIX_API_TOKEN"}, name) {
			t.Errorf("%s got in", name)
		}
	}
}
