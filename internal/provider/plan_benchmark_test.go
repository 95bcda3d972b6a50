//go:build unix

package provider

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
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
		server := providerserver.NewProtocol6(New(context.Background(), "test")())()
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
	api := scriptixtest.NewServer(b)
	for i := range manySessions {
		api.Add(scriptixtest.Session{SessionID: fmt.Sprintf("session-%05d", i)})
	}
	value := filepath.Join(b.TempDir(), "value")
	plan := planner(b, api)
	plan(b, valueVariable+"="+value) // makes the value
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

// planner returns a function that runs terraform plan with this test binary as the provider.
func planner(b *testing.B, api *scriptixtest.Server) func(b *testing.B, environment ...string) {
	b.Helper()
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	terraform := os.Getenv("TF_ACC_TERRAFORM_PATH")
	if terraform == "" {
		if terraform, err = exec.LookPath("terraform"); err != nil {
			b.Fatal(err)
		}
	}
	directory := b.TempDir()
	files := map[string]string{
		"terraform-provider-scriptix": fmt.Sprintf("#!/bin/sh\nexec %q -test.run '^TestServe$'\n", self),
		"settings.tfrc":               fmt.Sprintf("provider_installation {\n  dev_overrides {\n    \"scriptix/scriptix\" = %q\n  }\n  direct {}\n}\n", directory),
		"main.tf": "terraform {\n  required_providers {\n    scriptix = { source = \"scriptix/scriptix\" }\n  }\n}\n" +
			fmt.Sprintf("provider \"scriptix\" {\n  api_token = %q\n  base_url  = %q\n}\n", scriptixtest.Token, api.URL) +
			"data \"scriptix_sessions\" \"all\" {}\n",
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(directory, name), []byte(text), 0o700); err != nil {
			b.Fatal(err)
		}
	}
	return func(b *testing.B, environment ...string) {
		b.Helper()
		command := exec.CommandContext(b.Context(), terraform, "plan", "-input=false", "-no-color")
		command.Dir = directory
		command.Env = append(os.Environ(), append(environment,
			serveVariable+"=yes",
			"TF_CLI_CONFIG_FILE="+filepath.Join(directory, "settings.tfrc"),
			"CHECKPOINT_DISABLE=1",
		)...)
		if output, err := command.CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, output)
		}
	}
}

// BenchmarkPeakMemory measures the largest resident size of a process that reads 10,000 sessions into a state.
func BenchmarkPeakMemory(b *testing.B) {
	if address := os.Getenv(readVariable); address != "" {
		readOnce(b, address)
		return
	}
	api := scriptixtest.NewServer(b)
	for i := range manySessions {
		api.Add(scriptixtest.Session{SessionID: fmt.Sprintf("session-%05d", i)})
	}
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	var peak int64
	for b.Loop() {
		command := exec.CommandContext(b.Context(), self, "-test.run", "^$", "-test.bench", "^BenchmarkPeakMemory$", "-test.benchtime", "1x")
		command.Env = append(os.Environ(), readVariable+"="+api.URL)
		if output, err := command.CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, output)
		}
		if usage, ok := command.ProcessState.SysUsage().(*syscall.Rusage); ok {
			peak = max(peak, usage.Maxrss)
		}
	}
	b.ReportMetric(float64(peak)/1024, "peak-MiB") // Linux counts in KiB
}

// readVariable makes BenchmarkPeakMemory the process to be measured; its value is the address of the API.
const readVariable = "SCRIPTIX_TEST_READ"

func readOnce(b *testing.B, address string) {
	b.Helper()
	server := newProtocolServer(b.Context(), b, &scriptixtest.Server{URL: address})
	for b.Loop() {
		response, err := server.ReadDataSource(b.Context(), server.request("scriptix_sessions", nil))
		if err != nil || len(response.Diagnostics) > 0 {
			b.Fatal(err, texts(response.Diagnostics))
		}
	}
}
