package scriptixtest

import (
	"net/http"
	"net/url"
	"sync"
	"time"
)

// Request is one request as the API received it.
type Request struct {
	Method    string
	Path      string // unescaped
	Query     url.Values
	Header    http.Header // with the token the client sent
	Time      time.Time   // when it arrived, by the true clock whatever the skew
	Answered  int         // the status sent; 0 while none is, and for good when none ever was
	SessionID string      // the session asked for; empty for everything but reading one by id
}

// requestLog remembers all requests, in order of arrival, and how many were being handled at once.
type requestLog struct {
	mutex       sync.Mutex
	requests    []*Request
	inFlight    int
	maxInFlight int
}

// begin records a request that arrived.
func (l *requestLog) begin(r *http.Request) *Request {
	request := &Request{
		Method:    r.Method,
		Path:      r.URL.Path,
		Query:     r.URL.Query(),
		Header:    r.Header.Clone(),
		SessionID: requestedSession(r),
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	request.Time = time.Now()
	l.requests = append(l.requests, request)
	l.inFlight++
	l.maxInFlight = max(l.maxInFlight, l.inFlight)
	return request
}

// end records how a request was answered, 0 for not at all, and returns a copy of the record.
func (l *requestLog) end(request *Request, status int) Request {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	request.Answered = status
	l.inFlight--
	return *request
}

func (l *requestLog) all() []Request {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	requests := make([]Request, 0, len(l.requests))
	for _, request := range l.requests {
		requests = append(requests, *request)
	}
	return requests
}

func (l *requestLog) reset() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.requests = nil
	l.maxInFlight = l.inFlight
}

func (l *requestLog) most() int {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.maxInFlight
}
