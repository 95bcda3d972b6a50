package provider_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// Terraform drops a key that an object does not have, and the default applies instead of what was meant.
func TestTimeoutsThatSetNoneAreAWarning(t *testing.T) {
	t.Parallel()
	one, many := `session_id = "test"`, `session_ids = ["test"]`
	warnsOfTimeouts(t, defaultCLI(t), map[string]gate{
		"session":     {func(arguments ...string) string { return session(append(arguments, one)...) }, "timeouts.read"},
		"sessions":    {func(arguments ...string) string { return sessions(append(arguments, many)...) }, "timeouts.read"},
		"completion":  {func(arguments ...string) string { return completion(append(arguments, one)...) }, "timeouts.create"},
		"completions": {func(arguments ...string) string { return completions(append(arguments, many)...) }, "timeouts.create and timeouts.update"},
	})
}

func TestTimeoutsThatSetNoneAreAWarningOfAnEphemeralResource(t *testing.T) {
	t.Parallel()
	warnsOfTimeouts(t, cliWith(t, ephemeralResources), map[string]gate{
		"ephemeral": {func(arguments ...string) string { return ephemeralSession(append(arguments, `session_id = "test"`)...) }, "timeouts.open"},
	})
}

func TestTimeoutsThatSetNoneAreAWarningOfAnAction(t *testing.T) {
	t.Parallel()
	warnsOfTimeouts(t, cliWith(t, actionBlocks), map[string]gate{
		"action": {func(arguments ...string) string { return waitAction(append(arguments, `session_ids = ["test"]`)...) }, "timeouts.invoke"},
	})
}

// gate is a kind of block, and the timeouts that it has.
type gate struct {
	block func(...string) string
	has   string
}

// warnsOfTimeouts validates each block with timeouts that set none, in a file of its own, and with timeouts that say enough.
func warnsOfTimeouts(t *testing.T, executable string, gates map[string]gate) {
	t.Helper()
	server := scriptixtest.NewServer(t)
	terraform := newCLI(t, server, "")
	terraform.executable = executable
	warned, silent := map[string]string{}, map[string]bool{}
	number := 0
	add := func(block string) (file string) {
		number++
		name := fmt.Sprintf("case_%03d", number)
		write(t, filepath.Join(terraform.directory, name+".tf"), strings.Replace(block, `"test"`, `"`+name+`"`, 1))
		return name + ".tf"
	}
	for _, gate := range gates {
		for _, none := range []string{`{ craete = "4s" }`, `{}`, `{ ` + firstKey(gate.has) + ` = null }`} {
			warned[add(gate.block(`timeouts = `+none))] = gate.has
		}
		for _, enough := range []string{`null`, `{ ` + firstKey(gate.has) + ` = "4s" }`, `{ ` + firstKey(gate.has) + ` = "4s", other = "5s" }`} {
			silent[add(gate.block(`timeouts = `+enough))] = true
		}
	}
	said := terraform.diagnosticsByFile(terraform.run(true, "validate", "-json"))
	for file, has := range warned {
		if text := said[file]; !says("No Timeout Set", "timeouts sets no timeout", "This block has "+has+".").MatchString(text) {
			t.Errorf("the warning is missing in %q of\n%s", text, read(t, filepath.Join(terraform.directory, file)))
		}
	}
	for file := range silent {
		if said[file] != "" {
			t.Errorf("%q is said of\n%s", said[file], read(t, filepath.Join(terraform.directory, file)))
		}
	}
	nothingSent(t, server)
}

// firstKey returns the key of the first of the timeouts.
func firstKey(timeouts string) string {
	key, _, _ := strings.Cut(strings.TrimPrefix(timeouts, "timeouts."), " ")
	return key
}
