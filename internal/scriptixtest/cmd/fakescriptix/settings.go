package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// settings are the command's flags.
type settings struct {
	address      string
	token        string
	sessions     int
	pace         time.Duration
	failed       int
	plan         string
	script       string
	abbreviated  bool
	ignoreOffset bool
	verbose      bool
}

var plans = map[string]scriptixtest.Plan{
	"unlimited": scriptixtest.Unlimited,
	"free":      scriptixtest.Free,
	"bronze":    scriptixtest.Bronze,
	"silver":    scriptixtest.Silver,
	"gold":      scriptixtest.Gold,
}

func parse(arguments []string, stderr io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("fakescriptix", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&s.address, "address", "127.0.0.1:0", "`host:port` to listen on; port 0 picks a free one")
	flags.StringVar(&s.token, "token", scriptixtest.Token, "the token to accept")
	flags.IntVar(&s.sessions, "sessions", 0, "how many sessions to generate")
	flags.DurationVar(&s.pace, "pace", 20*time.Second, "how long the slowest generated session takes in all")
	flags.IntVar(&s.failed, "failed", 0, "how many of the generated sessions fail")
	flags.StringVar(&s.plan, "plan", "unlimited", "rate limits: unlimited, free, bronze, silver or gold")
	flags.StringVar(&s.script, "script", "", "JSON `file` with sessions to add to the generated ones")
	flags.BoolVar(&s.abbreviated, "abbreviated", false, "list only id, session_id, status and filename of each session")
	flags.BoolVar(&s.ignoreOffset, "ignore-offset", false, "begin every list at the newest session")
	flags.BoolVar(&s.verbose, "verbose", false, "log every request on stderr")
	if err := flags.Parse(arguments); err != nil {
		return s, err
	}
	if flags.NArg() > 0 {
		return s, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	return s, s.validate()
}

func (s settings) validate() error {
	if _, known := plans[s.plan]; !known {
		return fmt.Errorf("unknown -plan %q: use unlimited, free, bronze, silver or gold", s.plan)
	}
	if s.sessions < 0 || s.pace < 0 {
		return errors.New("-sessions and -pace must not be negative")
	}
	if s.failed < 0 || s.failed > s.sessions {
		return fmt.Errorf("-failed must be between 0 and -sessions, %d", s.sessions)
	}
	return nil
}

// api returns the API that the settings describe. The first request adds the sessions, so nobody misses a wait while typing.
func (s settings) api(stderr io.Writer) (http.Handler, error) {
	options := []scriptixtest.Option{scriptixtest.WithToken(s.token), scriptixtest.WithPlan(plans[s.plan])}
	if s.abbreviated {
		options = append(options, scriptixtest.WithAbbreviatedItems())
	}
	if s.ignoreOffset {
		options = append(options, scriptixtest.WithIgnoredOffset())
	}
	if s.verbose {
		options = append(options, scriptixtest.WithObserver(logTo(stderr)))
	}
	sessions := generate(s.sessions, s.failed, s.pace)
	if s.script != "" {
		scripted, err := readScript(s.script)
		if err != nil {
			return nil, fmt.Errorf("reading -script: %w", err)
		}
		sessions = append(sessions, scripted...)
	}
	api := scriptixtest.NewAPI(options...)
	var begin sync.Once
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begin.Do(func() { api.Add(sessions...) })
		api.ServeHTTP(w, r)
	}), nil
}

// logTo returns an observer that writes one line for each request, without its headers.
func logTo(stderr io.Writer) func(scriptixtest.Request) {
	logger := log.New(stderr, "", log.Ltime|log.Lmicroseconds)
	return func(request scriptixtest.Request) {
		target := url.URL{Path: request.Path, RawQuery: request.Query.Encode()}
		logger.Printf("%s %s %d", request.Method, target.RequestURI(), request.Answered)
	}
}
