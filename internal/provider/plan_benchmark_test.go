//go:build unix

package provider

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// manySessions is the size of the list that the costs of design are stated for.
const manySessions = 10_000

// Environment variables that make this test binary a provider, which TestServe then serves.
const (
	serveVariable = "SCRIPTIX_TEST_SERVE" // any value
	valueVariable = "SCRIPTIX_TEST_VALUE" // a file: what to answer instead of reading, made when it does not exist
)

// readyMade hands Terraform a value that was made before, and does nothing else: what Terraform itself needs to
// hold it.
type readyMade struct {
	tfprotov6.ProviderServer
	file string
}

func (r readyMade) ReadDataSource(ctx context.Context, request *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	if value, err := os.ReadFile(r.file); err == nil {
		return &tfprotov6.ReadDataSourceResponse{State: &tfprotov6.DynamicValue{MsgPack: value}}, nil
	}
	response, err := r.ProviderServer.ReadDataSource(ctx, request)
	if err != nil {
		return nil, err
	}
	return response, os.WriteFile(r.file, response.State.MsgPack, 0o600)
}

// TestServe is the provider when Terraform starts this test binary, and nothing otherwise.
func TestServe(t *testing.T) {
	if os.Getenv(serveVariable) == "" {
		return
	}
	err := tf6server.Serve(Address, func() tfprotov6.ProviderServer {
		server := NewServer(context.Background(), "test")()
		if file := os.Getenv(valueVariable); file != "" {
			return readyMade{server, file}
		}
		return server
	})
	if err != nil {
		t.Fatal(err)
	}
}

// BenchmarkPlan times a whole terraform plan that lists 10,000 sessions, by this provider and by one that only
// hands over the same value. The ratio of the two is what the provider costs beside Terraform itself.
func BenchmarkPlan(b *testing.B) {
	plan, value := newPlans(b)
	b.Run("ready-made", func(b *testing.B) {
		for b.Loop() {
			plan(b, valueVariable+"="+value)
		}
	})
	b.Run("scriptix", func(b *testing.B) {
		for b.Loop() {
			plan(b)
		}
	})
}

// newPlans returns a function that plans a list of many sessions, and the file of the ready-made value.
func newPlans(t testing.TB) (plan func(t testing.TB, environment ...string), value string) {
	t.Helper()
	api := scriptixtest.NewServer(t)
	for i := range manySessions {
		api.Add(scriptixtest.Session{SessionID: fmt.Sprintf("session-%05d", i)})
	}
	value = filepath.Join(t.TempDir(), "value")
	plan = planner(t, api)
	plan(t, valueVariable+"="+value) // makes the value
	return plan, value
}

// planner returns a function that runs terraform plan with this test binary as the provider.
func planner(t testing.TB, api *scriptixtest.Server) func(t testing.TB, environment ...string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	terraform := os.Getenv("TF_ACC_TERRAFORM_PATH")
	if terraform == "" {
		if terraform, err = exec.LookPath("terraform"); err != nil {
			t.Fatal(err)
		}
	}
	directory := t.TempDir()
	files := map[string]string{
		"terraform-provider-scriptix": fmt.Sprintf("#!/bin/sh\nexec %q -test.run '^TestServe$'\n", self),
		"settings.tfrc":               fmt.Sprintf("provider_installation {\n  dev_overrides {\n    \"scriptix/scriptix\" = %q\n  }\n  direct {}\n}\n", directory),
		"main.tf": "terraform {\n  required_providers {\n    scriptix = { source = \"scriptix/scriptix\" }\n  }\n}\n" +
			fmt.Sprintf("provider \"scriptix\" {\n  api_token = %q\n  base_url  = %q\n}\n", scriptixtest.Token, api.URL) +
			"data \"scriptix_sessions\" \"all\" {}\n",
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(directory, name), []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return func(t testing.TB, environment ...string) {
		t.Helper()
		command := exec.CommandContext(t.Context(), terraform, "plan", "-input=false", "-no-color")
		command.Dir = directory
		command.Env = append(os.Environ(), append(environment,
			serveVariable+"=yes",
			"TF_CLI_CONFIG_FILE="+filepath.Join(directory, "settings.tfrc"),
			"CHECKPOINT_DISABLE=1",
		)...)
		if output, err := command.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, output)
		}
	}
}

// PlanRatio returns how much longer a plan of BenchmarkPlan takes with this provider than with the ready-made value.
func PlanRatio(t testing.TB) float64 {
	t.Helper()
	plans, value := newPlans(t)
	return TimeRatio(9, func() { plans(t) }, func() { plans(t, valueVariable+"="+value) })
}

// TimeRatio returns how much longer one work takes than another: the median of pairs that run in turn. A machine that is
// busy for a while slows both of a pair, and a single slow run changes nothing.
func TimeRatio(pairs int, work, other func()) float64 {
	ratios := make([]float64, pairs)
	for i := range ratios {
		ratios[i] = timed(work).Seconds() / timed(other).Seconds()
	}
	slices.Sort(ratios)
	return ratios[pairs/2]
}

func timed(work func()) time.Duration {
	began := time.Now()
	work()
	return time.Since(began)
}
