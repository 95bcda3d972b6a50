package scriptixtest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

const manySessions = 20_000

// newCrowdedAPI returns an API with a long history, of which every tenth session is still processing.
func newCrowdedAPI() *scriptixtest.API {
	api := scriptixtest.NewAPI()
	start := time.Now().Add(-manySessions * time.Second)
	for i := range manySessions {
		session := scriptixtest.Session{SessionID: fmt.Sprintf("session-%d", i), CreatedAt: start.Add(time.Duration(i) * time.Second)}
		if i%10 == 0 {
			session.Processing = 1000 * time.Hour
		}
		api.Add(session)
	}
	return api
}

// BenchmarkList measures one list request to an account with 20,000 sessions. The last page shows the cost of
// the sessions in front of it, and the first one the cost of the total.
func BenchmarkList(b *testing.B) {
	queries := map[string]string{
		"one row":    "?limit=1",
		"first page": "?limit=100",
		"last page":  "?limit=100&offset=19900",
		"filtered":   "?limit=100&status=processing",
		"no match":   "?limit=100&status=failed",
	}
	for name, query := range queries {
		b.Run(name, func(b *testing.B) {
			api := newCrowdedAPI()
			request := httptest.NewRequest(http.MethodGet, sessionsPath+query, http.NoBody)
			request.Header.Set("Authorization", "Bearer "+scriptixtest.Token)
			for b.Loop() {
				api.ServeHTTP(httptest.NewRecorder(), request)
			}
		})
	}
}

// BenchmarkAdd measures one upload to an account with 20,000 sessions, and its removal.
func BenchmarkAdd(b *testing.B) {
	api := newCrowdedAPI()
	for b.Loop() {
		api.Add(scriptixtest.Session{SessionID: "newest"})
		api.Remove("newest")
	}
}
