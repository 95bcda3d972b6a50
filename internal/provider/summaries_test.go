package provider

import (
	"slices"
	"sync"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// shown has the summary of each diagnostic that a test of this package has made the provider say.
var shown struct {
	mutex     sync.Mutex
	summaries []string
}

func noteSummaries(diagnostics []*tfprotov6.Diagnostic) {
	shown.mutex.Lock()
	defer shown.mutex.Unlock()
	for _, diagnostic := range diagnostics {
		if !slices.Contains(shown.summaries, diagnostic.Summary) {
			shown.summaries = append(shown.summaries, diagnostic.Summary)
		}
	}
}

// ShownSummaries returns the summaries of all diagnostics that tests have seen so far. TestMain compares them with the guide
// on troubleshooting: a person must find there whatever the provider can say.
func ShownSummaries() []string {
	shown.mutex.Lock()
	defer shown.mutex.Unlock()
	return slices.Clone(shown.summaries)
}
