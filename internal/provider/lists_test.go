package provider_test

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// What is published stays when the list grows, and when a new token sees no session. A shorter list is an error.
func TestPublicationsOfTheExampleStay(t *testing.T) {
	t.Parallel()
	needsWhatIsRequired(t, "publications")
	server := scriptixtest.NewServer(t)
	server.Add(exampleSessions()...)
	terraform := newExample(t, server, "publications")
	list := filepath.Join(terraform.directory, "sessions.json")
	apply := func(succeeds bool) string {
		return terraform.run(succeeds, "apply", "-no-color", "-input=false", "-auto-approve")
	}
	terraform.run(true, "init", "-no-color", "-input=false")
	contains(t, apply(true), "4 added")

	write(t, list, `["abc123def456", "def456abc123", "podcast"]`)
	contains(t, apply(true), "2 added, 0 changed, 0 destroyed")

	i := slices.Index(terraform.environment, "SCRIPTIX_API_TOKEN="+scriptixtest.Token)
	terraform.environment[i] = "SCRIPTIX_API_TOKEN=rotated"
	contains(t, apply(true), "0 added, 0 changed, 0 destroyed")

	write(t, list, `["podcast"]`)
	contains(t, apply(false), "nstance cannot be destroyed")
}

// applyPart applies one file of the examples of scriptix_sessions.
func applyPart(t *testing.T, server *scriptixtest.Server, file string, succeeds bool) string {
	t.Helper()
	folder := filepath.Join("data-sources", "scriptix_sessions")
	needsWhatIsRequired(t, folder)
	terraform := newCLI(t, server, read(t, filepath.Join(examples, folder, file)))
	return terraform.run(succeeds, "apply", "-no-color", "-input=false", "-auto-approve")
}

func TestAnEmptyListStopsTheExample(t *testing.T) {
	t.Parallel()
	if !says("Error: Resource postcondition failed", "The list is empty").
		MatchString(applyPart(t, scriptixtest.NewServer(t), "not_empty.tf", false)) {
		t.Error("Terraform accepts an empty list")
	}
}

func TestStuckSessionsOfTheExample(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	ago := func(age time.Duration) time.Time { return time.Now().Add(-age) }
	server.Add(
		scriptixtest.Session{SessionID: "for-days", Processing: forever, CreatedAt: ago(50 * time.Hour)},
		scriptixtest.Session{SessionID: "in-the-queue", Queued: forever, CreatedAt: ago(2 * time.Hour)},
		scriptixtest.Session{SessionID: "for-hours", Processing: forever, CreatedAt: ago(2 * time.Hour)},
		scriptixtest.Session{SessionID: "finished", CreatedAt: ago(2 * time.Hour)},
		scriptixtest.Session{SessionID: "not-yet", Processing: forever, CreatedAt: ago(time.Hour)},
	)
	_, stuck, _ := strings.Cut(applyPart(t, server, "stuck.tf", true), "Outputs:")
	for session, status := range map[string]string{"for-days": "processing", "for-hours": "processing", "in-the-queue": "queued"} {
		if !says(`"` + session + `" = "` + status + `"`).MatchString(stuck) {
			t.Errorf("%s is not %s in:\n%s", session, status, stuck)
		}
	}
	lacks(t, "the output", stuck, "finished")
	lacks(t, "the output", stuck, "not-yet")
}

// Where a page shows for_each over sessions, it says in the same section what a shorter list destroys.
func TestPagesSayWhatAListCanDestroy(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob(checkout + "/docs/*/*.md")
	if err != nil {
		t.Fatal(err)
	}
	overSessions := regexp.MustCompile(`\n +for_each = (?:\{\n|var\.|local\.|data\.|scriptix_)`)
	heading := regexp.MustCompile(`\n#{2,3} `)
	shown := 0
	for _, page := range append(pages, checkout+"/docs/index.md", readme) {
		for _, section := range heading.Split(read(t, page), -1) {
			if !overSessions.MatchString(section) {
				continue
			}
			shown++
			if title, _, _ := strings.Cut(section, "\n"); !strings.Contains(section, "destroys") {
				t.Errorf("%s shows for_each below %q, and not what a shorter list destroys", page, title)
			}
		}
	}
	if shown < 4 {
		t.Errorf("only %d sections show for_each", shown)
	}
}
