package faults

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"go.uber.org/goleak"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// TestMain runs many tests at once, since all they do is wait, and finds goroutines that outlive them.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", "40"); err != nil {
		panic(err)
	}
	// The proxy never ends what it was holding back when it was stopped. What counts is the provider's part.
	const proxy = "github.com/Shopify/toxiproxy/v2"
	goleak.VerifyTestMain(
		m,
		goleak.IgnoreAnyFunction(proxy+"/toxics.(*ToxicStub).Run"),
		goleak.IgnoreAnyFunction(proxy+".(*ToxicLink).read"),
		goleak.IgnoreAnyFunction(proxy+".(*ToxicLink).write"),
	)
}

const (
	timeout = 12 * time.Second
	// late is how much later than its deadline an operation may end on a busy machine.
	late = 10 * time.Second
	// brief is how long a fault lasts that passes: shorter than one attempt, so that the next one succeeds.
	brief = 500 * time.Millisecond
)

// operation is what the provider is asked for, with the sessions there are.
type operation struct {
	dataSource string
	arguments  func() values
	sessions   []scriptixtest.Session
	requests   int // how many it takes when nothing fails
	right      func(values) error
}

func operations() map[string]operation {
	return map[string]operation{
		"read": {
			"scriptix_session", func() values { return values{"session_id": word("one")} },
			[]scriptixtest.Session{{SessionID: "one"}},
			1, completed,
		},
		"listing": {
			"scriptix_sessions", func() values { return values{} }, many(), 3, complete,
		},
		"wait": {
			"scriptix_session",
			func() values {
				return values{"session_id": word("one"), "wait_for_completion": tftypes.NewValue(tftypes.Bool, true)}
			},
			[]scriptixtest.Session{{SessionID: "one", Processing: 4 * time.Second}},
			3, completed,
		},
	}
}

func completed(attributes values) error {
	if !attributes["status"].Equal(word("completed")) {
		return fmt.Errorf("the status is %s", attributes["status"])
	}
	return nil
}

// complete wants each session, once, in order.
func complete(attributes values) error {
	var sessions []tftypes.Value
	if err := attributes["sessions"].As(&sessions); err != nil {
		return err
	}
	want := many()
	if len(sessions) != len(want) {
		return fmt.Errorf("%d sessions", len(sessions))
	}
	slices.Reverse(want)
	for i, session := range sessions {
		fields := map[string]tftypes.Value{}
		if err := session.As(&fields); err != nil {
			return err
		}
		if !fields["session_id"].Equal(word(want[i].SessionID)) {
			return fmt.Errorf("session %d is %s", i, fields["session_id"])
		}
	}
	return nil
}

// nuisances slow the network down, and leave it working.
func nuisances() map[string]toxic {
	return map[string]toxic{
		"latency":    {"latency", map[string]int{"latency": 200}},
		"jitter":     {"latency", map[string]int{"latency": 100, "jitter": 100}},
		"bandwidth":  {"bandwidth", map[string]int{"rate": 100}},
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

// places are the start, the middle and the end of an operation.
func (o operation) places() []int {
	places := []int{1}
	for at := 2; at <= o.requests; at++ {
		places = append(places, at)
	}
	return places
}

func each(t *testing.T, faults map[string]toxic, length time.Duration, judge func(t *testing.T, o operation, got values, said []*tfprotov6.Diagnostic)) {
	t.Helper()
	for operationName, o := range operations() {
		for faultName, fault := range faults {
			for _, at := range o.places() {
				t.Run(fmt.Sprintf("%s, %s at request %d", operationName, faultName, at), func(t *testing.T) {
					t.Parallel()
					n := newNetwork(t, fault, at, length, o.sessions...)
					began := time.Now()
					got, said := newProvider(t, n.url()).read(o.dataSource, o.arguments())
					end := time.Now()
					if took := end.Sub(began); took > timeout+late {
						t.Errorf("took %s of at most %s", took, timeout)
					}
					judge(t, o, got, said)
					n.struck()
					n.silentAfter(end)
				})
			}
		}
	}
}

func succeeds(t *testing.T, o operation, got values, said []*tfprotov6.Diagnostic) {
	t.Helper()
	if len(said) > 0 {
		t.Fatalf("%s: %s", said[0].Summary, said[0].Detail)
	}
	if err := o.right(got); err != nil {
		t.Error(err)
	}
}

func TestWhatOnlySlowsDownChangesNoResult(t *testing.T) {
	t.Parallel()
	each(t, nuisances(), 0, succeeds)
}

func TestWhatPassesChangesNoResult(t *testing.T) {
	t.Parallel()
	each(t, breakdowns(), brief, succeeds)
}

// Whatever the operation, there is no result, and the error is one of those that say what happened.
func TestWhatLastsIsSaidClearly(t *testing.T) {
	t.Parallel()
	each(t, breakdowns(), 0, func(t *testing.T, _ operation, got values, said []*tfprotov6.Diagnostic) {
		t.Helper()
		if len(said) == 0 {
			t.Fatalf("there is no error, and the result is %v", got)
		}
		summaries := []string{"Unable to Read Session", "Unable to List Sessions", "Reading Timed Out", "Session Still Processing"}
		for _, diagnostic := range said {
			if !slices.Contains(summaries, diagnostic.Summary) || strings.HasPrefix(diagnostic.Detail, "context deadline") {
				t.Errorf("%s: %s", diagnostic.Summary, diagnostic.Detail)
			}
		}
	})
}
