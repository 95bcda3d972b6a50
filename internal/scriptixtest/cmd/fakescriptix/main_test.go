package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// command is a running fakescriptix.
type command struct {
	t     *testing.T
	url   string
	token string
	stop  func() (stderr string)
}

// start runs the command on a free port until the test ends or stop is called.
func start(t *testing.T, arguments ...string) *command {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	output, stdout := io.Pipe()
	var stderr bytes.Buffer
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, append([]string{"-address", "127.0.0.1:0"}, arguments...), stdout, &stderr)
		stdout.CloseWithError(errors.Join(err, io.EOF))
		ended <- err
	}()
	lines := bufio.NewReader(output)
	line, err := lines.ReadString('\n')
	if err != nil {
		t.Fatalf("reading the line that tells the address: %v", err)
	}
	address, found := strings.CutPrefix(line, "export SCRIPTIX_BASE_URL=")
	if !found {
		t.Fatalf("unexpected line %q", line)
	}
	line, err = lines.ReadString('\n')
	token, found := strings.CutPrefix(line, "export SCRIPTIX_API_TOKEN=")
	if err != nil || !found {
		t.Fatalf("unexpected line %q (%v)", line, err)
	}
	c := &command{t: t, url: strings.TrimSpace(address), token: strings.TrimSpace(token)}
	stopped := false
	c.stop = func() string {
		if stopped {
			return stderr.String()
		}
		stopped = true
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the command ended with %v", err)
		}
		return stderr.String()
	}
	t.Cleanup(func() { c.stop() })
	return c
}

// get reads from the API, and returns the status with the members of the answer.
func (c *command) get(target string) (int, map[string]any) {
	c.t.Helper()
	request, err := http.NewRequestWithContext(c.t.Context(), http.MethodGet, c.url+"/api/v3/speech-to-text/session"+target, http.NoBody)
	if err != nil {
		c.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	request.Close = true
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		c.t.Fatal(err)
	}
	defer answer.Body.Close()
	var body map[string]any
	if err := json.NewDecoder(answer.Body).Decode(&body); err != nil {
		c.t.Fatal(err)
	}
	return answer.StatusCode, body
}

func (c *command) total(query string) float64 {
	c.t.Helper()
	_, body := c.get(query)
	return body["total_results"].(float64)
}

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "script.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRunServesGeneratedSessions(t *testing.T) {
	c := start(t, "-sessions", "10", "-failed", "4", "-pace", "0s")
	for query, want := range map[string]float64{"": 10, "?status=failed": 4, "?status=completed": 6} {
		if got := c.total(query); got != want {
			t.Errorf("%q: got %v sessions, want %v", query, got, want)
		}
	}
}

func TestRunServesAScript(t *testing.T) {
	c := start(t, "-sessions", "1", "-script", write(t, `[
		{"session_id": "slow", "filename": "slow.wav", "language": "nl", "queued": "0s", "processing": "1h", "error": ""},
		{"session_id": "waiting", "queued": "1h30m"},
		{"session_id": "done", "duration": 12.5},
		{"session_id": "broken", "error": "Audio file is too short"},
		{"session_id": "old", "created_at": "2025-01-15T10:00:00Z", "queued": "90s"},
		{"session_id": "stuck", "created_at": "-3h", "processing": "24h"},
		{"session_id": "later", "created_at": "1h"}
	]`))
	tests := map[string]map[string]any{
		"slow":    {"status": "processing", "filename": "slow.wav", "language": "nl"},
		"waiting": {"status": "queued", "filename": "waiting.mp3", "language": "en"},
		"done":    {"status": "completed", "duration": 12.5},
		"broken":  {"status": "failed", "error": "Audio file is too short"},
		"old":     {"status": "completed", "created_at": "2025-01-15T10:00:00Z", "finished_at": "2025-01-15T10:01:30Z"},
		"stuck":   {"status": "processing"},
		"later":   {"error_code": "SESSION_NOT_FOUND"},
	}
	for id, want := range tests {
		_, got := c.get("/" + id)
		for name, value := range want {
			if got[name] != value {
				t.Errorf("%s of %s: got %v, want %v", name, id, got[name], value)
			}
		}
	}
	if got := c.total(""); got != 7 {
		t.Errorf("got %v sessions, want the generated one and 6 from the script", got)
	}
}

func TestRunAbbreviatesItems(t *testing.T) {
	for _, abbreviated := range []bool{false, true} {
		t.Run(fmt.Sprint(abbreviated), func(t *testing.T) {
			c := start(t, "-sessions", "1", fmt.Sprintf("-abbreviated=%v", abbreviated))
			_, body := c.get("")
			item := body["result"].([]any)[0].(map[string]any)
			if _, whole := item["language"]; whole == abbreviated {
				t.Errorf("got the item %v", item)
			}
		})
	}
}

func TestRunIgnoresOffset(t *testing.T) {
	for _, ignored := range []bool{false, true} {
		t.Run(fmt.Sprint(ignored), func(t *testing.T) {
			c := start(t, "-sessions", "3", fmt.Sprintf("-ignore-offset=%v", ignored))
			_, body := c.get("?offset=2")
			want := map[bool]int{false: 1, true: 3}[ignored]
			if got := len(body["result"].([]any)); got != want {
				t.Errorf("got %d sessions at offset 2, want %d", got, want)
			}
		})
	}
}

func TestRunTakesToken(t *testing.T) {
	c := start(t, "-token", "mine")
	if c.token != "mine" {
		t.Errorf("the token to export is %q", c.token)
	}
	for token, want := range map[string]int{"mine": http.StatusOK, scriptixtest.Token: http.StatusUnauthorized} {
		c.token = token
		if got, _ := c.get(""); got != want {
			t.Errorf("token %s: got status %d, want %d", token, got, want)
		}
	}
}

func TestRunTakesPlan(t *testing.T) {
	for plan, limit := range map[string]int{"free": 10, "bronze": 30, "silver": 60, "gold": 120} {
		t.Run(plan, func(t *testing.T) {
			c := start(t, "-plan", plan)
			for range limit {
				if status, _ := c.get(""); status != http.StatusOK {
					t.Fatalf("got status %d within the limit", status)
				}
			}
			if status, _ := c.get(""); status != http.StatusTooManyRequests {
				t.Errorf("got status %d beyond the limit", status)
			}
		})
	}
}

func TestRunLogsWhenAskedTo(t *testing.T) {
	for _, verbose := range []bool{false, true} {
		t.Run(fmt.Sprint(verbose), func(t *testing.T) {
			c := start(t, fmt.Sprintf("-verbose=%v", verbose))
			c.get("/unknown")
			c.get("?status=queued")
			log := c.stop()

			if strings.Contains(log, scriptixtest.Token) {
				t.Errorf("the token is in the log:\n%s", log)
			}
			for _, line := range []string{
				"GET /api/v3/speech-to-text/session/unknown 404\n",
				"GET /api/v3/speech-to-text/session?status=queued 200\n",
			} {
				if strings.Contains(log, line) != verbose {
					t.Errorf("log is\n%swith or without the line\n%s", log, line)
				}
			}
		})
	}
}

// Whoever pastes the environment and writes a configuration takes longer than most sessions.
func TestSessionsBeginWithTheFirstRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		settings, err := parse([]string{"-sessions", "1", "-pace", "10s"}, io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		api, err := settings.api(io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		for _, status := range []string{"queued", "completed"} {
			request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v3/speech-to-text/session/session-0001", http.NoBody)
			request.Header.Set("Authorization", "Bearer "+scriptixtest.Token)
			answer := httptest.NewRecorder()
			api.ServeHTTP(answer, request)
			if !strings.Contains(answer.Body.String(), `"status":"`+status+`"`) {
				t.Errorf("the session is not %s: %s", status, answer.Body)
			}
			time.Sleep(10 * time.Second)
		}
	})
}

func TestRunEndsWithItsContext(t *testing.T) {
	c := start(t)
	c.stop()
	if _, err := net.Dial("tcp", strings.TrimPrefix(c.url, "http://")); err == nil {
		t.Error("the port is still open")
	}
}

func TestRunRefuses(t *testing.T) {
	occupied := start(t)
	tests := map[string]struct {
		arguments []string
		message   string
	}{
		"unknown flag":           {[]string{"-unknown"}, "flag provided but not defined: -unknown"},
		"argument":               {[]string{"serve"}, `unexpected argument "serve"`},
		"unknown plan":           {[]string{"-plan", "platinum"}, `unknown -plan "platinum"`},
		"negative sessions":      {[]string{"-sessions", "-1"}, "must not be negative"},
		"negative pace":          {[]string{"-pace", "-1s"}, "must not be negative"},
		"more failed than there": {[]string{"-sessions", "1", "-failed", "2"}, "-failed must be between 0 and -sessions, 1"},
		"negative failed":        {[]string{"-failed", "-1"}, "-failed must be between 0"},
		"missing script":         {[]string{"-script", filepath.Join(t.TempDir(), "none.json")}, "reading -script"},
		"script no JSON":         {[]string{"-script", write(t, `[`)}, "unexpected EOF"},
		"script not a list":      {[]string{"-script", write(t, `{}`)}, "cannot unmarshal object"},
		"script of two lists":    {[]string{"-script", write(t, `[] []`)}, "more than one list"},
		"unknown member":         {[]string{"-script", write(t, `[{"session_id": "a", "speed": 1}]`)}, `unknown field "speed"`},
		"no session_id":          {[]string{"-script", write(t, `[{"session_id": "a"}, {"filename": "b"}]`)}, "session 2 has no session_id"},
		"duration a number":      {[]string{"-script", write(t, `[{"session_id": "a", "queued": 2}]`)}, "cannot unmarshal number"},
		"duration without unit":  {[]string{"-script", write(t, `[{"session_id": "a", "queued": "2"}]`)}, "missing unit"},
		"negative duration":      {[]string{"-script", write(t, `[{"session_id": "a", "queued": "-2s"}]`)}, `duration "-2s" is negative`},
		"created sometime":       {[]string{"-script", write(t, `[{"session_id": "a", "created_at": "yesterday"}]`)}, `"yesterday" is neither a timestamp`},
		"address in use":         {[]string{"-address", strings.TrimPrefix(occupied.url, "http://")}, "bind: "},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var stdout bytes.Buffer
			err := run(t.Context(), append([]string{"-address", "127.0.0.1:0"}, test.arguments...), &stdout, io.Discard)
			if err == nil || !strings.Contains(err.Error(), test.message) {
				t.Errorf("got error %v, want one with %q", err, test.message)
			}
			if stdout.Len() > 0 {
				t.Errorf("it said %q", stdout.String())
			}
		})
	}
}

func TestRunHelps(t *testing.T) {
	var stderr bytes.Buffer
	err := run(t.Context(), []string{"-help"}, io.Discard, &stderr)
	if !errors.Is(err, flag.ErrHelp) {
		t.Errorf("got error %v, want %v", err, flag.ErrHelp)
	}
	for _, name := range []string{"-address", "-token", "-sessions", "-pace", "-failed", "-plan", "-script", "-abbreviated", "-ignore-offset", "-verbose"} {
		if !strings.Contains(stderr.String(), "  "+name) {
			t.Errorf("%s is not explained in\n%s", name, stderr.String())
		}
	}
}

func TestGenerateSpreadsSessions(t *testing.T) {
	tests := map[string]struct {
		count, failed int
		totals        string // in seconds
		failing       string
	}{
		"none":        {0, 0, "[]", "[]"},
		"one":         {1, 0, "[20]", "[]"},
		"one, failed": {1, 1, "[20]", "[1]"},
		"five":        {5, 2, "[0 5 10 15 20]", "[3 5]"},
		"all fail":    {3, 3, "[0 10 20]", "[1 2 3]"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			totals, failing := []float64{}, []int{}
			for i, session := range generate(test.count, test.failed, 20*time.Second) {
				totals = append(totals, (session.Queued + session.Processing).Seconds())
				if session.Error != "" {
					failing = append(failing, i+1)
				}
			}
			if got := fmt.Sprint(totals); got != test.totals {
				t.Errorf("totals: got %s, want %s", got, test.totals)
			}
			if got := fmt.Sprint(failing); got != test.failing {
				t.Errorf("failing: got %s, want %s", got, test.failing)
			}
		})
	}
}

func TestGeneratedSessionsPassThroughEveryStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t)
		server.Add(generate(5, 1, 20*time.Second)...)
		client := http.Client{Transport: server.Transport()}
		var story []string
		for range 5 {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/api/v3/speech-to-text/session", http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Authorization", "Bearer "+scriptixtest.Token)
			answer, err := client.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			var list struct {
				Result []struct {
					Status string `json:"status"`
				} `json:"result"`
			}
			if err := json.NewDecoder(answer.Body).Decode(&list); err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()
			moment := ""
			for _, session := range list.Result {
				moment = session.Status[:1] + moment
			}
			story = append(story, moment)
			<-time.After(5 * time.Second)
		}
		if got, want := strings.Join(story, " "), "cqqqq ccppp cccpp ccccp ccccf"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}
