package main

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// found is the error of a govulncheck that found something.
type found struct{}

func (found) Error() string { return "vulnerabilities found" }
func (found) ExitCode() int { return 3 }

func serve(t *testing.T, status int) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
		if request.URL.Path != "/index/db.json" {
			t.Errorf("asked for %s", request.URL.Path)
		}
		response.WriteHeader(status)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestCheckFailsAsGovulncheckDoes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		outcome error
		want    int
	}{
		"clean":     {nil, 0},
		"found":     {found{}, 3},
		"not built": {errors.New("the provider does not compile"), 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, status := range []int{http.StatusOK, http.StatusNotFound} {
				if got := check(t.Context(), serve(t, status), t.Output(), func() error { return test.outcome }); got != test.want {
					t.Errorf("with status %d: exit code %d, want %d", status, got, test.want)
				}
			}
		})
	}
}

func TestCheckSaysLoudlyThatTheDatabaseIsOutOfReach(t *testing.T) {
	t.Parallel()
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	for name, database := range map[string]string{
		"no server":   closed.URL,
		"server down": serve(t, http.StatusBadGateway),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var messages strings.Builder
			code := check(t.Context(), database, &messages, func() error {
				t.Error("govulncheck ran without a database")
				return nil
			})
			if code != 0 {
				t.Errorf("exit code %d, want 0", code)
			}
			if got := messages.String(); !strings.Contains(got, "NOT CHECKED") || !strings.Contains(got, database) {
				t.Errorf("the message does not say what is the matter:\n%s", got)
			}
		})
	}
}

func TestCheckDoesNotPassWhenItIsInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	code := check(ctx, serve(t, http.StatusOK), t.Output(), func() error { return nil })
	if code != exitInterrupted {
		t.Errorf("exit code %d, want %d", code, exitInterrupted)
	}
}
