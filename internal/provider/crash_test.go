package provider_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// crashing is a provider that panics once it has been configured and sends its first request. What it then prints of
// itself includes every value on its stack.
const crashing = `package main

import (
	"context"
	"log"
	"net/http"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/scriptix/terraform-provider-scriptix/internal/provider"
)

type panicking struct{ http.Transport }

func (*panicking) RoundTrip(request *http.Request) (*http.Response, error) {
	go func() { panic(request.URL.Path + " made the provider crash") }()
	select {}
}

func main() {
	http.DefaultTransport = &panicking{}
	if err := providerserver.Serve(context.Background(), provider.New(context.Background(), "crash"), providerserver.ServeOpts{Address: provider.Address, ProtocolVersion: 6}); err != nil {
		log.Fatal(err)
	}
}
`

// A crash writes the provider's stack to Terraform's output, to its log and maybe to files.
func TestSecretsAreInNoOutputOfACrash(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: "test"})
	terraform := newCLI(t, server, session(`session_id = "test"`))
	terraform.environment = append(terraform.environment,
		"TF_LOG=TRACE", "TF_LOG_PATH="+filepath.Join(terraform.directory, "trace.log"),
		"GOTRACEBACK=system", // as much as a crash can tell
		"TF_CLI_CONFIG_FILE="+crashingProvider(t),
	)
	output := terraform.run(false, "plan", "-no-color")
	// OpenTofu leaves it to the log.
	contains(t, output+read(t, filepath.Join(terraform.directory, "trace.log")), "made the provider crash", "goroutine ")
	lacks(t, "the output", output, scriptixtest.Token)
	if searched := noFileHolds(t, terraform.directory, scriptixtest.Token); !searched["trace.log"] {
		t.Errorf("the log was not searched, but %v", searched)
	}
}

// crashingProvider builds the provider and returns the settings that have Terraform use it. The program's source lies
// in the checkout only as far as the compiler is concerned: it may import what is internal, and nobody sees it.
func crashingProvider(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	source, overlay := filepath.Join(folder, "main.go.txt"), filepath.Join(folder, "overlay.json")
	write(t, source, crashing)
	write(t, overlay, `{"Replace":{"`+filepath.ToSlash(filepath.Join(root, "main.go"))+`":"`+filepath.ToSlash(source)+`"}}`)
	build := exec.Command("go", "build", "-buildvcs=false", "-overlay="+overlay, "-o", filepath.Join(folder, "terraform-provider-scriptix"), ".")
	build.Dir, build.Stderr = root, os.Stderr
	if err := build.Run(); err != nil {
		t.Fatal(err)
	}
	settings := filepath.Join(folder, "settings.tfrc")
	write(t, settings, "provider_installation {\n  dev_overrides {\n    \"scriptix/scriptix\" = \""+filepath.ToSlash(folder)+"\"\n  }\n  direct {}\n}\n")
	return settings
}

// A redirect, a proxy's answer and a host in an answer lead nowhere: every request goes to the host that is configured.
func TestTheTokenGoesToTheConfiguredHostOnly(t *testing.T) {
	t.Parallel()
	elsewhere, server := scriptixtest.NewServer(t), scriptixtest.NewServer(t)
	faults := map[string]scriptixtest.Fault{
		"redirect-for-good":     {Status: 301, Header: map[string][]string{"Location": {elsewhere.URL}}, Body: " "},
		"redirect-for-now":      {Status: 307, Header: map[string][]string{"Location": {elsewhere.URL}}, Body: " "},
		"refresh":               {Status: 503, Header: map[string][]string{"Refresh": {"0; url=" + elsewhere.URL}, "Content-Location": {elsewhere.URL}}, Body: "{}"},
		"proxy-asks-for-login":  {Status: 407, Header: map[string][]string{"Proxy-Authenticate": {"Basic"}}, Body: "{}"},
		"another-service":       {Status: 421, Header: map[string][]string{"Alt-Svc": {`h2="` + elsewhere.URL[len("http://"):] + `"`}}, Body: "{}"},
		"link-in-a-session-too": {Body: `{"session_id":"link-in-a-session-too","status":"completed","media_url":"` + elsewhere.URL + `/media"}`},
	}
	config := providerBlock("max_retries = 1")
	for id, fault := range faults {
		fault.Match = scriptixtest.ForSession(id)
		server.Inject(fault)
		config += dataSource("scriptix_session", id, []string{`session_id = "` + id + `"`})
	}
	output := newCLI(t, server, config).run(false, "plan", "-no-color")
	lacks(t, "the output", output, scriptixtest.Token)
	asked := strings.Join(paths(server), "\n")
	for id := range faults {
		contains(t, asked, "/session/"+id+"?")
	}
	if got, want := strings.Count(output, "Error: "), len(faults)-1; got != want {
		t.Errorf("%d errors, want %d:\n%s", got, want, output)
	}
	nothingSent(t, elsewhere)
}
