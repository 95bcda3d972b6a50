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
	Header    http.Header // with the token that the client sent
	Time      time.Time   // when it arrived, without any skew
	Answered  int         // the status of the answer; 0 if there is none
	SessionID string      // the session that the request reads; empty for other requests
}

// requestLog records all requests in order of arrival, and how many are in flight.
type requestLog struct {
	mutex       sync.Mutex
	requests    []*Request
	inFlight    int
	maxInFlight int
}

// begin records a new request.
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

// end records the status of the answer, 0 if there is none, and returns a copy of the record.
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
