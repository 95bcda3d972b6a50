package main

import (
	"os"
	"reflect"
	"strings"
	"testing"
)

func TestReadmeExplainsScripts(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(readme), "| member | meaning | default |\n")
	table, _, _ = strings.Cut(table, "\n\n")
	members := reflect.VisibleFields(reflect.TypeFor[scriptedSession]())
	for _, member := range members {
		if name := "`" + member.Tag.Get("json") + "`"; !strings.Contains(table, name) {
			t.Errorf("the table in the README has no %s", name)
		}
	}
	if got := strings.Count(readmeMembers(table), "`"); got != 2*len(members) {
		t.Errorf("the table in the README explains %d members, and a script has %d", got/2, len(members))
	}
}

// readmeMembers returns the first column of the table.
func readmeMembers(table string) string {
	var members strings.Builder
	for row := range strings.Lines(table) {
		if cells := strings.Split(row, "|"); len(cells) > 1 {
			members.WriteString(cells[1])
		}
	}
	return members.String()
}
