package faults

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// TestMain runs many tests at once, since all they do is wait, and finds goroutines that outlive them.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", "80"); err != nil {
		panic(err)
	}
	code := m.Run()
	if err := removeOverride(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	// The proxy never ends what it was holding back when it was stopped. What counts is the provider's part.
	const proxy = "github.com/Shopify/toxiproxy/v2"
	err := goleak.Find(
		goleak.IgnoreAnyFunction(proxy+"/toxics.(*ToxicStub).Run"),
		goleak.IgnoreAnyFunction(proxy+".(*ToxicLink).read"),
		goleak.IgnoreAnyFunction(proxy+".(*ToxicLink).write"),
	)
	if code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// everyFault asks for what make test-long runs: hundreds of Terraforms, which take minutes of a processor.
var everyFault = flag.Bool("every-fault", false, "let a real Terraform meet every fault, instead of one in each test")

const (
	// late is how much later than its deadline an operation may end on a busy machine.
	late = 10 * time.Second
	// brief is how long a fault lasts that passes: shorter than the pauses between the attempts, so that one succeeds.
	brief = 500 * time.Millisecond
)

// limits are what users set, for one attempt and for all of the operation.
type limits struct{ attempt, read time.Duration }

var (
	// patient leaves a busy machine enough time for the right result.
	patient = limits{5 * time.Second, time.Minute}
	// impatient leaves enough for the fault to come.
	impatient = limits{2 * time.Second, 10 * time.Second}
)

// operation is what the provider is asked for, with the sessions there are, and what comes of it.
type operation struct {
	dataSource string
	arguments  map[string]any
	sessions   []scriptixtest.Session
	finished   []scriptixtest.Session // replace them with the second answer, so that the third can be the last
	places     []int                  // the requests that a fault begins with; 0 is before the first
	right      []string
	summaries  []string // of the errors that may say what went wrong
	limits
}

// operations have their faults at the start, in the middle and at the end.
func operations() map[string]operation {
	return map[string]operation{
		"read": {
			dataSource: "scriptix_session",
			arguments:  map[string]any{"session_id": "one"},
			sessions:   []scriptixtest.Session{{SessionID: "one"}},
			places:     []int{0, 1},
			right:      []string{"one completed"},
			summaries:  []string{"Unable to Read Session", "Reading Timed Out"},
		},
		"listing": {
			dataSource: "scriptix_sessions",
			sessions:   many(),
			places:     []int{1, 2, 3},
			right:      listed(many()),
			summaries:  []string{"Unable to List Sessions", "Reading Timed Out"},
		},
		"wait": {
			dataSource: "scriptix_session",
			arguments:  map[string]any{"session_id": "one", "wait_for_completion": true},
			sessions:   []scriptixtest.Session{{SessionID: "one", Processing: time.Hour}},
			finished:   []scriptixtest.Session{{SessionID: "one"}},
			places:     []int{1, 2, 3},
			right:      []string{"one completed"},
			summaries:  []string{"Unable to Read Session", "Reading Timed Out", "Session Still Processing"},
		},
	}
}

// listed are sessions as the API lists them: the newest first.
func listed(sessions []scriptixtest.Session) []string {
	var lines []string
	for _, session := range slices.Backward(sessions) {
		lines = append(lines, session.SessionID+" completed")
	}
	return lines
}

// settings are the arguments of the provider block.
func (o operation) settings(url string) map[string]any {
	return map[string]any{
		"api_token":       scriptixtest.Token,
		"base_url":        url,
		"request_timeout": o.attempt.String(),
		"max_retries":     3,
	}
}

// allArguments are the arguments of the data source, with its deadline.
func (o operation) allArguments() map[string]any {
	arguments := map[string]any{"timeouts": map[string]any{"read": o.read.String()}}
	maps.Copy(arguments, o.arguments)
	return arguments
}

// nuisances slow the network down, and leave it working.
func nuisances() map[string]toxic {
	return map[string]toxic{
		"latency":    {"latency", map[string]int{"latency": 200}},
		"jitter":     {"latency", map[string]int{"latency": 100, "jitter": 100}},
		"bandwidth":  {"bandwidth", map[string]int{"rate": 150}},
		"slow close": {"slow_close", map[string]int{"delay": 500}},
		"slices":     {"slicer", map[string]int{"average_size": 400, "size_variation": 200, "delay": 1000}},
	}
}

// breakdowns keep answers, or parts of them, from arriving. The head of an answer has about 250 bytes.
func breakdowns() map[string]toxic {
	return map[string]toxic{
		"reset":             {"reset_peer", map[string]int{"timeout": 0}},
		"hold and close":    {"timeout", map[string]int{"timeout": 300}},
		"hold":              {"timeout", map[string]int{"timeout": 0}},
		"nothing delivered": {"limit_data", map[string]int{"bytes": 0}},
		"half a head":       {"limit_data", map[string]int{"bytes": 60}},
		"half a body":       {"limit_data", map[string]int{"bytes": 400}},
	}
}

// outcome is what came of an operation.
type outcome struct {
	sessions []string // each with its status, as in "one completed"
	errors   []problem
}

type problem struct{ summary, detail string }

// runners are the two ways to let the provider work: users' own, and one that shows whether a goroutine is left.
func runners() map[string]func(t *testing.T, o operation, url string) outcome {
	return map[string]func(t *testing.T, o operation, url string) outcome{
		"terraform":    applyWithTerraform,
		"this process": readInThisProcess,
	}
}

// each lets every operation meet every fault at all of its places, and has the outcome judged.
func each(
	t *testing.T, faults map[string]toxic, length time.Duration, within limits, judge func(t *testing.T, o operation, got outcome),
) {
	t.Helper()
	for runnerName, run := range runners() {
		for operationName, o := range operations() {
			o.limits = within
			for faultName, fault := range faults {
				for _, at := range o.places {
					if at == 0 && length > 0 {
						continue // it would have passed before anything began
					}
					first := operationName == "wait" && at == o.places[0] && faultName == slices.Min(slices.Collect(maps.Keys(faults)))
					if runnerName == "terraform" && !first && !*everyFault {
						continue
					}
					t.Run(fmt.Sprintf("%s/%s, %s at request %d", runnerName, operationName, faultName, at), func(t *testing.T) {
						t.Parallel()
						n := newNetwork(t, o, fault, at, length)
						got := run(t, o, n.url())
						end := time.Now()
						judge(t, o, got)
						n.struck()
						n.endedWithin(o.read, end)
						n.silentAfter(end)
					})
				}
			}
		}
	}
}

func succeeds(t *testing.T, o operation, got outcome) {
	t.Helper()
	if len(got.errors) > 0 {
		t.Fatalf("%s: %s", got.errors[0].summary, got.errors[0].detail)
	}
	if !slices.Equal(got.sessions, o.right) {
		t.Errorf("got %q, want %q", got.sessions, o.right)
	}
}

func TestWhatOnlySlowsDownChangesNoResult(t *testing.T) {
	t.Parallel()
	each(t, nuisances(), 0, patient, succeeds)
}

func TestWhatPassesChangesNoResult(t *testing.T) {
	t.Parallel()
	each(t, breakdowns(), brief, patient, succeeds)
}

// Whatever the operation, there is no result, and the error is one of those that say what happened.
func TestWhatLastsIsSaidClearly(t *testing.T) {
	t.Parallel()
	each(t, breakdowns(), 0, impatient, func(t *testing.T, o operation, got outcome) {
		t.Helper()
		if len(got.errors) == 0 {
			t.Fatal("there is no error")
		}
		if len(got.sessions) > 0 {
			t.Errorf("in spite of an error there are %q", got.sessions)
		}
		for _, problem := range got.errors {
			if !slices.Contains(o.summaries, problem.summary) || strings.HasPrefix(problem.detail, "context deadline") {
				t.Errorf("%s: %s", problem.summary, problem.detail)
			}
		}
	})
}
