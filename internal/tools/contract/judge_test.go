package contract

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi-validator/config"
	"github.com/pb33f/libopenapi-validator/errors"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// judge is a transport that compares each request and its answer with the description.
type judge struct {
	transport   http.RoundTripper
	description validator.Validator

	mu       sync.Mutex
	judged   map[int]int // exchanges by the status of the answer
	breaches []string
}

func newJudge(t *testing.T, transport http.RoundTripper) *judge {
	t.Helper()
	return &judge{transport: transport, description: newDescription(t), judged: map[int]int{}}
}

func newDescription(t *testing.T) validator.Validator {
	t.Helper()
	document, err := libopenapi.NewDocument([]byte(scriptixtest.OpenAPI))
	if err != nil {
		t.Fatal(err)
	}
	description, errs := validator.NewValidator(document,
		config.WithStrictMode(), config.WithFormatAssertions(),
		config.WithRejectUndeclaredRequestBody(),
		// The public pages do not say what "details" of an error holds.
		config.WithStrictIgnorePaths("$.body.details.*"),
	)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	return description
}

// RoundTrip sends the request and judges the exchange.
func (j *judge) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := j.transport.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(response.Body)
	response.Body.Close()
	if err != nil {
		return nil, err
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	_, requestErrors := j.description.ValidateHttpRequestSync(request)
	_, responseErrors := j.description.ValidateHttpResponse(request, response)
	response.Body = io.NopCloser(bytes.NewReader(body))

	j.mu.Lock()
	defer j.mu.Unlock()
	j.judged[response.StatusCode]++
	j.add("request", request, requestErrors)
	j.add("answer", request, responseErrors)
	return response, nil
}

func (j *judge) add(what string, request *http.Request, found []*errors.ValidationError) {
	for _, one := range found {
		breach := what + " of " + request.Method + " " + request.URL.RequestURI() + ": " + one.Error()
		if !slices.Contains(j.breaches, breach) {
			j.breaches = append(j.breaches, breach)
		}
	}
}

// acquit fails the test unless the judge saw exchanges with just these statuses and found no breach.
func (j *judge) acquit(t *testing.T, statuses ...int) {
	t.Helper()
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, status := range statuses {
		if j.judged[status] == 0 {
			t.Errorf("no answer had the status %d: %v", status, j.judged)
		}
	}
	if len(j.judged) != len(statuses) {
		t.Errorf("the answers had the statuses %v, want %v", j.judged, statuses)
	}
	if len(j.breaches) > 0 {
		t.Errorf("breaches of the contract:\n%s", strings.Join(j.breaches, "\n"))
	}
}

func TestDescriptionIsOpenAPI(t *testing.T) {
	t.Parallel()
	if _, errs := newDescription(t).ValidateDocument(); len(errs) > 0 {
		t.Error(errs)
	}
}
