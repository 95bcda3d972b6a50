//go:build unix

package provider_test

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/measured"
	"github.com/scriptix/terraform-provider-scriptix/internal/provider"
	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

var (
	sizeTable = flag.Bool("size-table", false, "print what 10,000 sessions cost in time, allocations and memory")
	sizesInto = flag.String("size-table-into", "", "write it into these files as well, separated by commas, between the two marks of each")
)

const (
	manySessions = 10_000
	megabyte     = 1_000_000
)

// TestSizeOfManySessions holds memory and allocations against the design, and prints them with -size-table, together
// with times, which are too noisy to be held against anything.
func TestSizeOfManySessions(t *testing.T) {
	defaultCLI(t)
	sessions := 1_000 // the ratio is the same for more, which take the race detector long
	if *sizeTable {
		sessions = manySessions
	}
	direct, reflected := provider.SessionEncoders(t, sessions)
	directAllocations := testing.AllocsPerRun(1, func() { direct() })
	reflectedAllocations := testing.AllocsPerRun(1, func() { reflected() })
	if directAllocations > reflectedAllocations/10 {
		t.Errorf("values built directly take %.0f allocations, and reflection %.0f: want at most a tenth", directAllocations, reflectedAllocations)
	}
	peak := peakMemory(t)
	t.Logf("peak memory: %d MB", peak/megabyte)
	if peak > 80*megabyte {
		t.Errorf("the provider took %d MB, want at most 80", peak/megabyte)
	}
	if !*sizeTable {
		return
	}
	timed := func(encode func()) float64 {
		return float64(testing.Benchmark(func(b *testing.B) {
			b.Helper()
			for b.Loop() {
				encode()
			}
		}).NsPerOp())
	}
	directTime, reflectedTime := timed(func() { direct() }), timed(func() { reflected() })
	table := strings.Join([]string{
		"| with 10,000 sessions, unless it says otherwise | measured | to reach |",
		"|---|---:|---:|",
		fmt.Sprintf("| peak memory of the provider's process | %d MB | ≤ 80 MB |", peak/megabyte),
		fmt.Sprintf("| allocations of encoding sessions, against the framework's reflection | %.2f | ≤ 0.1 |", directAllocations/reflectedAllocations),
		fmt.Sprintf("| time of encoding sessions, against the framework's reflection | %.2f | |", directTime/reflectedTime),
		fmt.Sprintf("| time of a plan, against a provider that hands over the same value ready-made | %.2f | ≤ 1.15 |", provider.PlanRatio(t)),
		fmt.Sprintf("| time of a plan of one session, against the data source of `http` 1.2.0 with the same `GET` | %.2f | ≤ 1 |", oneSessionAgainstHTTP(t)),
	}, "\n") + "\n"
	fmt.Fprintf(os.Stdout, "\n%s", table)
	if *sizesInto == "" {
		return
	}
	if err := measured.WriteTable("sizes", table, strings.Split(*sizesInto, ",")...); err != nil {
		t.Fatal(err)
	}
}

func TestBothWaysOfEncodingSessionsAgree(t *testing.T) {
	t.Parallel()
	direct, reflected := provider.SessionEncoders(t, 3)
	if a, b := provider.DecodedSessions(t, direct()), provider.DecodedSessions(t, reflected()); !a.Equal(b) {
		t.Errorf("encoded directly:\n%s\nby reflection:\n%s", a, b)
	}
}

// peakMemory is the largest resident size, in bytes, of the built provider while Terraform plans a list of many
// sessions with it. Terraform finds the provider as it finds one in a debugger, so that it is a child of this test.
func peakMemory(t *testing.T) int64 {
	t.Helper()
	server := scriptixtest.NewServer(t)
	for i := range manySessions {
		server.Add(scriptixtest.Session{SessionID: fmt.Sprintf("session-%05d", i)})
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	process := exec.CommandContext(ctx, binary(t), "-debug")
	output, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	reattach := ""
	for lines := bufio.NewScanner(output); reattach == "" && lines.Scan(); {
		if _, value, found := strings.Cut(lines.Text(), "TF_REATTACH_PROVIDERS="); found {
			reattach = strings.Trim(value, "'")
		}
	}
	terraform := newCLI(t, server, using(server, sessions()))
	terraform.environment = append(terraform.environment, "TF_REATTACH_PROVIDERS="+reattach)
	planned := terraform.run(true, "plan", "-input=false", "-no-color")
	resident := residentOnLinux(t, process.Process.Pid)
	if err := process.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = process.Wait() // ended by a signal: how does not matter
	if requests := len(server.Requests()); requests < manySessions/100 {
		t.Fatalf("only %d requests were sent:\n%s", requests, planned)
	}
	if resident > 0 {
		return resident
	}
	usage, ok := process.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		t.Fatal("the system does not tell what a process used")
	}
	if runtime.GOOS == "darwin" {
		return int64(usage.Maxrss) //nolint:unconvert // 32 bits on some systems; bytes here, elsewhere KiB
	}
	return int64(usage.Maxrss) * 1024 //nolint:unconvert // 32 bits on some systems
}

// residentOnLinux is the largest resident size so far, in bytes, of a process that runs, and 0 on other systems. On Linux
// the Maxrss of a process begins with the size of whoever started it, here of this test with all its sessions.
func residentOnLinux(t *testing.T, processID int) int64 {
	t.Helper()
	if runtime.GOOS != "linux" {
		return 0
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", processID))
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	var kibibytes int64
	if _, err := fmt.Sscanf(after, "%d kB", &kibibytes); err != nil {
		t.Fatal(err)
	}
	return kibibytes * 1024
}
