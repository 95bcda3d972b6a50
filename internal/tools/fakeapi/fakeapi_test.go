package fakeapi

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"testing"
)

// TestMain lets the test's own program stand in for the fake API, which is started with a flag that tests do not know.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "-address" {
		standIn(os.Args[1:])
		return
	}
	os.Exit(m.Run())
}

// Tokens that make the stand-in misbehave.
const (
	endsAtOnce        = "ends-at-once"
	saysSomethingElse = "says-something-else"
)

// standIn does what the fake does, as far as its starter can tell: it says something, and runs until it is interrupted.
func standIn(arguments []string) {
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt)
	switch token := arguments[3]; token {
	case endsAtOnce:
		return
	case saysSomethingElse:
		fmt.Fprintln(os.Stdout, "hello")
	default:
		fmt.Fprintln(os.Stdout, "export SCRIPTIX_BASE_URL="+strings.Join(arguments, " "))
	}
	<-interrupted
}

func TestStartReturnsWhenItListens(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	api, err := Start(ctx, os.Args[0], "secret", []byte("[]"), folder)
	if err != nil {
		t.Fatal(err)
	}
	want := "-address 127.0.0.1:0 -token secret -script " + filepath.Join(folder, "sessions.json")
	if api.Address != want {
		t.Errorf("got %q, want %q", api.Address, want)
	}

	cancel()
	if api.command.ProcessState != nil {
		t.Error("the fake ended with the context, while Terraform may still need it")
	}
	api.Stop()
	if !api.command.ProcessState.Success() {
		t.Errorf("the fake was not interrupted: %s", api.command.ProcessState)
	}
}

func TestStartFails(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ program, token, want string }{
		"missing":        {"/nowhere/at/all", "secret", "starting the fake API"},
		"ends at once":   {os.Args[0], endsAtOnce, "ended before it was ready"},
		"something else": {os.Args[0], saysSomethingElse, `said "hello\n"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Start(t.Context(), test.program, test.token, []byte("[]"), t.TempDir())
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}
