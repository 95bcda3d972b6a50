package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

// roleVariable makes this test binary another process.
const (
	roleVariable = "SCRIPTIX_TEST_ROLE"
	parentRole   = "parent"
	providerRole = "provider"
)

func TestMain(m *testing.M) {
	switch os.Getenv(roleVariable) {
	case parentRole:
		if err := beParent(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	case providerRole:
		main()
	default:
		os.Exit(m.Run())
	}
}

// beParent starts the provider in Terraform's place, prints its number, and ends without a word to it.
func beParent() error {
	provider := exec.Command(os.Args[0])
	provider.Env = append(os.Environ(), roleVariable+"="+providerRole,
		"TF_PLUGIN_MAGIC_COOKIE=d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2", "PLUGIN_PROTOCOL_VERSIONS=6")
	provider.Stdout, provider.Stderr = os.Stdout, os.Stderr
	if err := provider.Start(); err != nil {
		return err
	}
	fmt.Fprintln(os.Stdout, provider.Process.Pid)
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}

// Usually it is a line for the log that ends the provider of a Terraform that was killed: nobody reads it any more. Here
// somebody would, and nothing but the end of its parent tells the provider to end.
func TestProviderEndsWithTheProcessThatStartedIt(t *testing.T) {
	t.Parallel()
	output, held, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = output.Close() })
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), roleVariable+"="+parentRole)
	parent.Stdout, parent.Stderr = held, held
	input, err := parent.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = parent.Process.Kill() })
	_ = held.Close()
	lines := bufio.NewReader(output)
	var provider *os.Process
	for line := ""; !strings.HasPrefix(line, "1|6|"); { // how a provider says that it serves
		if line, err = lines.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
		if number, err := strconv.Atoi(strings.TrimSpace(line)); err == nil {
			if provider, err = os.FindProcess(number); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = input.Close()
	if err := parent.Wait(); err != nil {
		t.Fatal(err)
	}
	// The provider is the last to hold the other end.
	ended := make(chan error, 1)
	go func() {
		_, err := io.Copy(io.Discard, lines)
		ended <- err
	}()
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(30 * time.Second):
		t.Error("the provider is still there")
		_ = provider.Kill()
	}
}
