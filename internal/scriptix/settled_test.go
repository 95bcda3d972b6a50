package scriptix_test

import (
	"net/http"
	"testing"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// asListed returns the example session as a list shows it with these members.
func asListed(t *testing.T, members string) scriptix.Session {
	t.Helper()
	body := `{"count": 1, "total_results": 1, "result": [{"session_id": "` + exampleID + `", ` + members + `}]}`
	page, err := newStubClient(t, http.StatusOK, nil, body).SessionPage(t.Context(), "", 0)
	if err != nil || len(page.Sessions) != 1 {
		t.Fatalf("got %v, %v", page, err)
	}
	return page.Sessions[0]
}

// asRead returns the example session as its own GET shows it with these members.
func asRead(t *testing.T, members string) scriptix.Session {
	t.Helper()
	body := `{"session_id": "` + exampleID + `", ` + members + `}`
	session, err := newStubClient(t, http.StatusOK, nil, body).GetSession(t.Context(), exampleID)
	if err != nil {
		t.Fatal(err)
	}
	return *session
}

const (
	finished = `"finished_at": "2025-01-15T10:15:45Z"`
	document = `"document": {"id": 67890, "name": "x", "type": "transcript"}`
	rest     = `"duration": 3600.5, "filename": "new.mp3"`
)

func TestSettled(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		members string
		inList  bool // whether the session is settled if a list shows it so
		byGet   bool // whether it is settled if its own GET shows it so
	}{
		"queued":                           {`"status": "queued"`, false, false},
		"processing":                       {`"status": "processing"`, false, false},
		"processing, with all of the end":  {`"status": "processing", "error": "x", ` + document + `, ` + finished, false, false},
		"completed, in full":               {`"status": "completed", ` + document + `, ` + finished + `, ` + rest, true, true},
		"completed, of another case":       {`"status": "COMPLETED", ` + document + `, ` + finished + `, ` + rest, true, true},
		"completed, without duration":      {`"status": "completed", ` + document + `, ` + finished + `, "filename": "x"`, false, true},
		"completed, duration of text":      {`"status": "completed", ` + document + `, ` + finished + `, "filename": "x", "duration": "1"`, false, true},
		"completed, without filename":      {`"status": "completed", ` + document + `, ` + finished + `, "duration": 1`, false, true},
		"completed, empty document":        {`"status": "completed", "document": {}, ` + finished + `, ` + rest, false, true},
		"completed, document without id":   {`"status": "completed", "document": {"name": "x", "type": "x"}, ` + finished + `, ` + rest, false, true},
		"completed, document without name": {`"status": "completed", "document": {"id": 1, "type": "x"}, ` + finished + `, ` + rest, false, true},
		"completed, document without type": {`"status": "completed", "document": {"id": 1, "name": "x"}, ` + finished + `, ` + rest, false, true},
		"completed, abbreviated":           {`"status": "completed"`, false, true},
		"completed, without document":      {`"status": "completed", ` + finished + `, ` + rest, false, true},
		"completed, null document":         {`"status": "completed", "document": null, ` + finished + `, ` + rest, false, true},
		"completed, document of text":      {`"status": "completed", "document": "x", ` + finished + `, ` + rest, false, true},
		"completed, without finished_at":   {`"status": "completed", ` + document + `, ` + rest, false, true},
		"completed, finished_at of text":   {`"status": "completed", ` + document + `, ` + rest + `, "finished_at": "x"`, false, true},
		"completed, with an error":         {`"status": "completed", "error": "x"`, false, true},
		"failed, in full":                  {`"status": "failed", "error": "x", ` + finished, true, true},
		"failed, as in the contract":       {`"status": "failed", "error": "x"`, true, true},
		"failed, with finished_at":         {`"status": "failed", ` + finished, false, true},
		"failed, null error, finished_at":  {`"status": "failed", "error": null, ` + finished, false, true},
		"failed, abbreviated":              {`"status": "failed"`, false, true},
		"failed, empty error":              {`"status": "failed", "error": ""`, false, true},
		"failed, with a document":          {`"status": "failed", ` + document, false, true},
		"unknown, running":                 {`"status": "uploaded"`, false, false},
		"unknown, with a document":         {`"status": "done", ` + document, false, false},
		"unknown, with an error":           {`"status": "done", "error": "x"`, false, false},
		"unknown, finished in full":        {`"status": "done", ` + document + `, ` + finished + `, ` + rest, true, true},
		"unknown, finished":                {`"status": "done", ` + finished, false, true},
		"unknown, failed":                  {`"status": "done", "error": "x", ` + finished, true, true},
		"unknown, finished, empty error":   {`"status": "done", "error": "", ` + finished, false, true},
		"unknown, document and empty text": {`"status": "done", "error": "", ` + document + `, ` + finished + `, ` + rest, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			listed, read := asListed(t, test.members), asRead(t, test.members)
			compare(t, "in a list", listed.Settled(), test.inList)
			compare(t, "by its own GET", read.Settled(), test.byGet)
		})
	}
}

// Update merges what the API has shown of a session, in a list or by its own GET.
func TestUpdate(t *testing.T) {
	t.Parallel()
	const (
		full      = `"status": "completed", ` + document + `, ` + finished + `, ` + rest
		brief     = `"status": "completed", "filename": "new.mp3"`
		queued    = `"status": "queued", "filename": "old.mp3"`
		inProcess = `"status": "processing", "filename": "old.mp3"`
	)
	listed := func(members string) scriptix.Session { return asListed(t, members) }
	read := func(members string) scriptix.Session { return asRead(t, members) }
	for name, test := range map[string]struct {
		known, shown, want scriptix.Session
		settled            bool
	}{
		"nothing was known, a list shows it": {scriptix.Session{}, listed(queued), listed(queued), false},
		"nothing was known, its GET does":    {scriptix.Session{}, read(queued), read(queued), false},

		"list shows it queued after processing":         {listed(inProcess), listed(queued), listed(inProcess), false},
		"list shows it queued after its GET":            {read(inProcess), listed(queued), read(inProcess), false},
		"list shows it uploaded after queued":           {listed(queued), listed(`"status": "uploaded"`), listed(queued), false},
		"list shows it running after it has finished":   {listed(brief), listed(inProcess), listed(brief), false},
		"list shows it running after it has failed":     {listed(`"status": "failed"`), listed(inProcess), listed(`"status": "failed"`), false},
		"list shows it running, of an unknown status":   {listed(inProcess), listed(`"status": "busy"`), listed(inProcess), false},
		"list shows it processing after queued":         {listed(queued), listed(inProcess), listed(inProcess), false},
		"list shows it completed after its running GET": {read(queued), listed(full), listed(full), true},
		"list shows it failed after its running GET": {
			read(inProcess), listed(`"status": "failed", "error": "x"`), listed(`"status": "failed", "filename": "old.mp3", "error": "x"`), true,
		},
		"list shows in full what it abbreviated": {listed(brief), listed(full), listed(full), true},

		"its GET shows it running further":      {listed(queued), read(inProcess), read(inProcess), false},
		"its GET replaces all of a list":        {listed(inProcess + `, "language": "en"`), read(`"status": "processing"`), read(`"status": "processing"`), false},
		"its GET was read before the list":      {listed(inProcess), read(queued), listed(inProcess), false},
		"its GET takes back what a list showed": {listed(brief), read(inProcess), read(inProcess), false},
		"its GET follows an abbreviated item":   {listed(brief), read(full), read(full), true},
		"its GET is abbreviated as well":        {listed(brief), read(brief), read(brief), true},

		"settled in a list, running in a list":    {listed(full), listed(inProcess), listed(full), true},
		"settled in a list, running by its GET":   {listed(full), read(inProcess), listed(full), true},
		"settled in a list, changed in a list":    {listed(full), listed(brief + `, "language": "en"`), listed(full), true},
		"settled in a list, changed by its GET":   {listed(full), read(full + `, "language": "en"`), listed(full), true},
		"settled by its GET, shown more in full":  {read(brief), listed(full), read(brief), true},
		"settled by its GET, failed by its GET":   {read(brief), read(`"status": "failed", "error": "x"`), read(brief), true},
		"failed, then completed":                  {listed(`"status": "failed", "error": "x"`), listed(full), listed(`"status": "failed", "error": "x"`), true},
		"settled under a status nobody knows":     {read(`"status": "done", ` + finished), listed(full), read(`"status": "done", ` + finished), true},
		"abbreviated, then failed by its own GET": {listed(brief), read(`"status": "failed"`), read(`"status": "failed"`), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := test.known.Update(test.shown)
			compare(t, "session", got, test.want)
			compare(t, "settled", got.Settled(), test.settled)
		})
	}
}

// A list may be newer than the session's own GET, but only the GET has every field.
func TestUpdateAddsTheFieldsOfAnOlderGet(t *testing.T) {
	t.Parallel()
	known := asListed(t, `"status": "processing", "started_at": "2025-01-15T10:00:00Z"`)
	got := known.Update(asRead(t, `"status": "queued", "filename": "new.mp3"`))
	compare(t, "status", got.Status, scriptix.StatusProcessing)
	compare(t, "filename", got.Filename, new("new.mp3"))
	compare(t, "started", got.StartedAt, known.StartedAt)
	compare(t, "has details", got.HasDetails(), true)
}

// An abbreviated item must not wipe out what is known. What the end of a session sets is another matter: it comes with
// the end, or by the own GET that follows.
func TestUpdateKeepsWhatAListOmits(t *testing.T) {
	t.Parallel()
	const (
		lasting = `"id": 12345, "filename": "meeting.mp3", "language": "en", "media_type": "audio/mpeg", ` +
			`"media_url": "https://storage.example/x", "created_at": "2025-01-15T10:00:00Z", ` +
			`"started_at": "2025-01-15T10:01:30Z", "session_mode": "decode", "custom_model_id": 7`
		ending = `"duration": 0, "error": "", "document": {"id": 1}, ` + finished
	)
	listed := asListed(t, `"status": "queued", `+lasting+`, `+ending)
	for name, known := range map[string]scriptix.Session{
		"known by its GET":  asRead(t, `"status": "processing", `+lasting+`, `+ending),
		"known from a list": asListed(t, `"status": "processing", `+lasting+`, `+ending),
		"known from both":   listed.Update(asListed(t, `"status": "processing"`)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, status := range []string{"processing", "completed", "failed"} {
				got := known.Update(asListed(t, `"status": "`+status+`"`))
				compare(t, status, got, asListed(t, `"status": "`+status+`", `+lasting))
				compare(t, status+" is settled", got.Settled(), false)
			}
			const other = `"id": 2, "filename": "2", "language": "nl", "media_type": "2", "media_url": "2", ` +
				`"created_at": "2025-02-02T10:00:00Z", "started_at": "2025-02-02T10:00:00Z", "session_mode": "align", ` +
				`"custom_model_id": 2, "duration": 2, ` + document + `, ` + finished
			compare(t, "what the list shows", known.Update(asListed(t, `"status": "completed", `+other)),
				asListed(t, `"status": "completed", `+other))
		})
	}
}

func TestUpdateChangesNeitherSession(t *testing.T) {
	t.Parallel()
	known, shown := asRead(t, `"status": "queued", "language": "en"`), asListed(t, `"status": "processing"`)
	known.Update(shown)
	compare(t, "what was known", known, asRead(t, `"status": "queued", "language": "en"`))
	compare(t, "what was shown", shown, asListed(t, `"status": "processing"`))
}
