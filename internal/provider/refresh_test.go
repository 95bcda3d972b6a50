package provider

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// refreshes are 30 refreshes at once under a plan of two requests a minute, with these timeouts in their states. It
// returns what they say and how long they take.
func refreshes(t *testing.T, timeouts tftypes.Value) (said []string, took time.Duration) {
	t.Helper()
	const number = 30
	synctest.Test(t, func(t *testing.T) {
		api := newPipeAPI(t, scriptixtest.WithPlan(scriptixtest.Plan{PerMinute: 2}))
		server := newProtocolServer(t.Context(), t, api)
		schema := server.schema.ResourceSchemas[completionResource]
		said = make([]string, number)
		started := time.Now()
		var running sync.WaitGroup
		for i := range number {
			id := fmt.Sprintf("session-%d", i)
			api.Add(scriptixtest.Session{SessionID: id})
			state := server.dynamic(schema, values{"session_id": stringValue(id), "timeouts": timeouts})
			running.Go(func() {
				response, err := server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{
					TypeName: completionResource, CurrentState: state, CurrentIdentity: identityOf(t, id),
				})
				if err != nil {
					t.Error(err)
					return
				}
				said[i] = texts(response.Diagnostics)
				refreshed, err := response.NewState.Unmarshal(schema.ValueType())
				if err != nil {
					t.Error(err)
				} else if status := objectValues(refreshed)["status"]; said[i] == "" && !status.Equal(stringValue("completed")) {
					t.Errorf("%s: the status is %s", id, status)
				}
			})
		}
		running.Wait()
		took = time.Since(started)
		if got := len(api.Requests()); got > number {
			t.Errorf("%d requests were sent, want at most %d", got, number)
		}
	})
	return said, took
}

// limits are the timeouts of a completion with this limit of a refresh.
func limits(read tftypes.Value) tftypes.Value {
	return objectOfTexts(map[string]tftypes.Value{"create": noText, "read": read})
}

func TestManyRefreshesOnASmallPlanTakeTheirTime(t *testing.T) {
	for name, timeouts := range map[string]tftypes.Value{
		"no timeouts":    tftypes.NewValue(limits(noText).Type(), nil),
		"no limit":       limits(noText),
		"enough":         limits(stringValue("15m")),
		"more than that": limits(stringValue("24h")),
	} {
		said, took := refreshes(t, timeouts)
		for _, text := range said {
			if text != "" {
				t.Errorf("%s: %s", name, text)
			}
		}
		if took < 14*time.Minute || took > 15*time.Minute {
			t.Errorf("%s: 30 refreshes took %s, want 14 to 15 minutes", name, took)
		}
	}
}

func TestRefreshThatARateLimitOutlastsNamesItsTimeout(t *testing.T) {
	said, took := refreshes(t, limits(stringValue("4m30s")))
	failed := 0
	for _, text := range said {
		if text == "" {
			continue
		}
		failed++
		contains(t, text, "Rate Limit Reached", "after the timeout of 4m30s",
			"Run Terraform again then, or raise timeouts.read (a refresh uses the value of the last apply, so apply the change with -refresh=false).")
	}
	if failed != 20 || took > 5*time.Minute {
		t.Errorf("%d of 30 refreshes failed within %s, want 20 within 5 minutes", failed, took)
	}
}
