package provider

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/wait"
)

// The summaries of all diagnostics. People search for them and scripts match them, so they stay as they are.
const (
	summaryInvalidArgument  = "Invalid Argument"
	summaryMissingAPIToken  = "Missing API Token"
	summaryUnknownArgument  = "Unknown Provider Argument"
	summaryInvalidAPIToken  = "Invalid API Token"
	summaryQuotaExceeded    = "Quota Exceeded"
	summaryAccessDenied     = "Access Denied"
	summaryNotFound         = "Session Not Found"
	summaryRateLimit        = "Rate Limit Reached"
	summaryUnableToRead     = "Unable to Read Session"
	summaryUnableToList     = "Unable to List Sessions"
	summaryUnexpectedAnswer = "Unexpected API Answer"
	summaryRedirect         = "Redirect Refused"
	summaryTimedOut         = "Reading Timed Out"
	summaryCancelled        = "Cancelled"
	summarySessionFailed    = "Session Failed"
	summaryStillProcessing  = "Session Still Processing"
	summaryNotFinished      = "Sessions Not Finished"
	summaryUnsettled        = "Session List Kept Changing"
	summaryUnrecognized     = "Unrecognised Session Status"
	summaryUnexpectedField  = "Unexpected Field in API Answer"
)

// Bounds of what is repeated from outside: one text, and one enumeration.
const (
	maxQuotedRunes = 300
	maxEnumerated  = 10
)

// invalidArgument says what is wrong with one argument; subject names it, and its value unless that is secret.
func invalidArgument(at path.Path, subject string, problem error) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(at, summaryInvalidArgument, subject+" "+problem.Error()+".")
}

// invalidValue says what is wrong with the value of one argument, which is no secret.
func invalidValue(at path.Path, value string, problem error) diag.Diagnostic {
	return invalidArgument(at, fmt.Sprintf("%s = %s", at, quoted(value)), problem)
}

func missingAPIToken() diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("api_token"), summaryMissingAPIToken, paragraphs(
		"Scriptix answers only to requests with a batch token, and none is configured.",
		"Set the environment variable "+apiTokenVariable+", or the argument api_token of the provider block.",
	))
}

// unknownArgument is the detail for an argument that the provider needs before Terraform knows it.
func unknownArgument(name string) string {
	return paragraphs(
		"The value of "+name+" is not known yet: it depends on something that this same run has still to create.",
		"Give it a value that is known while planning, such as a variable, or create what it depends on first, with "+
			"terraform apply -target.",
	)
}

// unexpectedProviderData is a mistake in this provider, and nobody else's: its summary is none to look up.
func unexpectedProviderData(data any) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Unexpected Configure Type", paragraphs(
		fmt.Sprintf("Expected %T, got %T.", (*providerData)(nil), data),
		"This is a bug of this provider: report it to its maintainers.",
	))
}

func unsettledListing(subject string) diag.Diagnostic {
	return diag.NewWarningDiagnostic(summaryUnsettled, paragraphs(
		capitalised(subject)+" changed while it was read, or its pages do not add up to its total. A session may be missing.",
		"Run Terraform again, or ask for fewer sessions, such as with created_after.",
	))
}

// sessionWarnings returns the warnings about sessions that an operation returns.
func sessionWarnings(sessions []scriptix.Session, waited bool) diag.Diagnostics {
	diags := unexpectedFields(sessions)
	if waited {
		diags.Append(unrecognizedStatuses(sessions)...)
	}
	return diags
}

// unexpectedFields warns once of each field that holds something unexpected in some of the sessions.
func unexpectedFields(sessions []scriptix.Session) diag.Diagnostics {
	type finding struct {
		first    scriptix.UnexpectedField
		session  string // the ID of the first session
		sessions int
	}
	var findings []*finding
	byField := map[string]*finding{}
	for i := range sessions {
		for _, oddity := range sessions[i].UnexpectedFields {
			found := byField[oddity.Field]
			if found == nil {
				found = &finding{first: oddity, session: sessions[i].SessionID}
				byField[oddity.Field] = found
				findings = append(findings, found)
			}
			found.sessions++
		}
	}
	var diags diag.Diagnostics
	for _, found := range findings {
		diags.Append(unexpectedField(found.first, found.session, found.sessions))
	}
	return diags
}

// unexpectedField words one field that holds something unexpected in so many sessions.
func unexpectedField(oddity scriptix.UnexpectedField, sessionID string, sessions int) diag.Diagnostic {
	came := oddity.Kind
	if oddity.Value != "" {
		came += ": " + quoted(oddity.Value)
	}
	where := "of session " + quoted(sessionID)
	if sessions > 1 {
		where = fmt.Sprintf("of %d sessions, such as %s,", sessions, quoted(sessionID))
	}
	value := "null"
	if oddity.Field == "status" {
		value = oddity.Expected
	}
	return diag.NewWarningDiagnostic(summaryUnexpectedField, paragraphs(
		fmt.Sprintf("The field %s %s is %s. The Scriptix API documents %s.", quoted(oddity.Field), where, came, oddity.Expected),
		"The provider uses "+value+" instead. Update this provider, or report this to its maintainers.",
	))
}

// unrecognizedStatuses warns of sessions that have finished under a status that nobody documented.
func unrecognizedStatuses(sessions []scriptix.Session) diag.Diagnostics {
	var diags diag.Diagnostics
	for i := range sessions {
		if sessions[i].Outcome() != scriptix.Unrecognized || len(diags) == maxEnumerated {
			continue
		}
		diags.AddWarning(summaryUnrecognized, paragraphs(
			"Session "+quoted(sessions[i].SessionID)+" has finished with the status "+quoted(string(sessions[i].Status))+
				", which the Scriptix API does not document. It is returned as it is.",
			"Check what the session's document holds before you rely on it, and report the status to the maintainers of "+
				"this provider.",
		))
	}
	return diags
}

// failedRead is an operation that failed, with what its diagnostics need to know of it.
type failedRead struct {
	waitArguments // of the operation

	err     error
	subject string    // what was read: `session "abc"`
	summary string    // when no other fits
	path    path.Path // of the argument to blame when a session does not exist; may be empty
}

// diagnostics words the error, in several diagnostics when it joins several, but not in thousands. They are a warning when
// the arguments accept that sessions have not finished.
func (f failedRead) diagnostics() diag.Diagnostics {
	joined, ok := f.err.(interface{ Unwrap() []error })
	if !ok {
		return diag.Diagnostics{f.diagnostic()}
	}
	var diags diag.Diagnostics
	errs := joined.Unwrap()
	for _, err := range errs[:min(len(errs), maxEnumerated)] {
		f.err = err
		diags.Append(f.diagnostics()...)
	}
	if more := len(errs) - maxEnumerated; more > 0 {
		diags.AddError(f.summary, fmt.Sprintf("Reading %s failed for %s.", f.subject, count(more, "more session")))
	}
	return diags
}

func (f failedRead) diagnostic() diag.Diagnostic {
	if session, ok := errors.AsType[*scriptix.SessionError](f.err); ok {
		f.err, f.subject, f.summary = session.Err, "session "+quoted(session.SessionID), summaryUnableToRead
	}
	var (
		failed    *wait.FailedError
		timedOut  *wait.TimeoutError
		cancelled *wait.CancelledError
		cutOff    *wait.RateLimitError
		refusal   *scriptix.APIError
		rateLimit *scriptix.RateLimitError
		redirect  *scriptix.RedirectError
		answer    *scriptix.AnswerError
		request   *scriptix.RequestError
	)
	switch {
	case errors.As(f.err, &failed):
		return f.sessionsFailed(failed)
	case errors.As(f.err, &timedOut):
		return f.waitTimedOut(timedOut.Progress)
	case errors.As(f.err, &cancelled):
		return f.waitCancelled(cancelled.Progress)
	case errors.As(f.err, &cutOff):
		return f.waitCutOff(cutOff)
	case errors.As(f.err, &refusal):
		return f.refused(refusal)
	case errors.As(f.err, &rateLimit):
		return f.rateLimited(rateLimit)
	case errors.As(f.err, &redirect):
		return f.redirected(redirect)
	case errors.As(f.err, &answer):
		return f.unexpectedAnswer(answer)
	case errors.As(f.err, &request):
		return f.unanswered(request)
	}
	return diag.NewErrorDiagnostic(f.summary, "Reading "+f.subject+" failed: "+quoted(f.err.Error())+".")
}

// sessionsFailed words the outcome that a gate exists for.
func (f failedRead) sessionsFailed(failed *wait.FailedError) diag.Diagnostic {
	var parts []string
	for i, session := range failed.Failed {
		if i == maxEnumerated {
			parts = append(parts, fmt.Sprintf("%d more sessions failed.", len(failed.Failed)-maxEnumerated))
			break
		}
		parts = append(parts, failureOf(&session))
	}
	if failed.Pending > 0 {
		parts = append(parts, fmt.Sprintf("The wait ended here, with %s still running.", count(failed.Pending, "other session")))
	}
	parts = append(parts, "To go on when a session has failed, set allow_failed = true and look at its status.")
	return diag.NewErrorDiagnostic(summarySessionFailed, paragraphs(parts...))
}

// failureOf is what the API says of a failed session, and what a person can do about it.
func failureOf(session *scriptix.Session) string {
	name := "Session " + quoted(session.SessionID)
	if session.Filename != nil && *session.Filename != "" {
		name += " (" + quoted(*session.Filename) + ")"
	}
	if session.Error == nil || *session.Error == "" {
		return name + " failed, and Scriptix does not say why. Contact Scriptix support with the session id."
	}
	return name + " failed: " + quoted(*session.Error) + "\n" + remedy(*session.Error)
}

// remedy follows the table of error messages on the API's page.
func remedy(problem string) string {
	switch {
	case strings.Contains(problem, "format could not be decoded"):
		return "The file is corrupted or its format is not supported: convert it to MP3 or WAV, and upload it again."
	case strings.Contains(problem, "too short"):
		return "Scriptix needs at least one second of audio: upload a longer recording."
	case strings.Contains(problem, "Language detection failed"):
		return "The audio is too poor to recognise its language: set the language when uploading, or improve the audio."
	case strings.Contains(problem, "Processing timeout"):
		return "This is an internal problem of Scriptix: contact Scriptix support with the session id."
	}
	return "Contact Scriptix support with the session id."
}

func (f failedRead) waitTimedOut(progress wait.Progress) diag.Diagnostic {
	if f.accept(progress.Pending) {
		return unfinished(progress, "the timeout of "+duration(f.timeout)+" was reached", "")
	}
	return diag.NewErrorDiagnostic(summaryStillProcessing, paragraphs(
		fmt.Sprintf("%s when the timeout of %s was reached, after %s.",
			pendingSessions(progress), duration(f.timeout), count(progress.Polls, "poll")),
		lastFailure(progress.LastFailure),
		"The wait can be made longer with "+f.timeoutArgument+". Scriptix usually takes up to 22 minutes for an hour of audio, and up "+
			"to 65 minutes for three hours. Sessions go on by themselves: running Terraform again continues the wait.",
	))
}

// unfinished returns the warning for a wait that returns sessions although they have not finished. It says when the wait
// ended, and why in a further sentence.
func unfinished(progress wait.Progress, when, why string) diag.Diagnostic {
	return diag.NewWarningDiagnostic(summaryNotFinished, paragraphs(
		fmt.Sprintf("%s when %s, after %s in %s.%s", pendingSessions(progress), when, count(progress.Polls, "poll"),
			duration(progress.Waited.Round(time.Second)), why),
		lastFailure(progress.LastFailure),
		"The result has each session as last read, because allow_unfinished is set: check its status before you use it. "+
			"Sessions continue by themselves. Run Terraform again to wait for the rest.",
	))
}

func (f failedRead) waitCancelled(progress wait.Progress) diag.Diagnostic {
	return diag.NewErrorDiagnostic(summaryCancelled, paragraphs(
		fmt.Sprintf("%s when the wait was cancelled, after %s.", pendingSessions(progress), duration(progress.Waited)),
		"Sessions go on by themselves: running Terraform again continues the wait.",
	))
}

// pendingSessions says which sessions have not finished, and how far they are.
func pendingSessions(progress wait.Progress) string {
	if total := len(progress.Pending) + progress.Finished; total == 1 {
		session := &progress.Pending[0]
		still := ""
		if session.Outcome() == scriptix.Running {
			still = "still "
		}
		return fmt.Sprintf("Session %s was %s%s", quoted(session.SessionID), still, standing(session))
	}
	var names []string
	for i := range progress.Pending {
		if i == maxEnumerated {
			names = append(names, fmt.Sprintf("and %d more", len(progress.Pending)-maxEnumerated))
			break
		}
		names = append(names, fmt.Sprintf("%s (%s)", quoted(progress.Pending[i].SessionID), standing(&progress.Pending[i])))
	}
	return fmt.Sprintf("%d of %s had not finished, %s,", len(progress.Pending),
		count(len(progress.Pending)+progress.Finished, "session"), strings.Join(names, ", "))
}

// standing is the status of a session as last seen. A list can show one as finished and leave out how it ended.
func standing(session *scriptix.Session) string {
	if session.Outcome() != scriptix.Running {
		return word(session.Status) + " in the list, without its details"
	}
	return word(session.Status)
}

// word is a status, in quotes unless it is one that everybody knows.
func word(status scriptix.Status) string {
	if slices.Contains(scriptix.Statuses(), status) {
		return string(status)
	}
	return quoted(string(status))
}

func lastFailure(err error) string {
	if err == nil {
		return ""
	}
	return "The latest poll that failed did so because of this: " + quoted(err.Error()) + "."
}

func (f failedRead) refused(refusal *scriptix.APIError) diag.Diagnostic {
	said := f.apiSaid(refusal)
	switch refusal.StatusCode {
	case http.StatusOK:
		return diag.NewErrorDiagnostic(f.summary, paragraphs(said,
			"If the error is about the token, check "+apiTokenVariable+" or api_token. Otherwise contact Scriptix support, because "+
				"an error does not belong in an answer with this status."))
	case http.StatusUnauthorized:
		return diag.NewErrorDiagnostic(summaryInvalidAPIToken, paragraphs(said,
			"Check that "+apiTokenVariable+" or api_token holds a batch token of your account, whole, and that it has not "+
				"been revoked."))
	case http.StatusPaymentRequired:
		return diag.NewErrorDiagnostic(summaryQuotaExceeded, paragraphs(said,
			"The quota of your Scriptix plan is used up: extend it, or wait for its next period."))
	case http.StatusForbidden:
		return diag.NewErrorDiagnostic(summaryAccessDenied, paragraphs(said,
			"The token is not allowed to read "+f.subject+": "+f.allowedToken()))
	case http.StatusNotFound:
		return f.notFound(refusal, said)
	case http.StatusTooManyRequests:
		return f.tooManyRequests(refusal, said)
	}
	return diag.NewErrorDiagnostic(f.summary, paragraphs(said, f.nextStep(refusal)))
}

// allowedToken says which token to use instead.
func (f failedRead) allowedToken() string {
	if f.summary == summaryUnableToList {
		return "use a batch token of the account that may list sessions, or name the sessions in session_ids of the " +
			"data source scriptix_sessions."
	}
	return "use the token that the session was created with."
}

// apiSaid repeats what the API answered, with its own code for the case.
func (f failedRead) apiSaid(refusal *scriptix.APIError) string {
	said := fmt.Sprintf("Scriptix refused to return %s: HTTP status %d", f.subject, refusal.StatusCode)
	if name := http.StatusText(refusal.StatusCode); name != "" {
		said += " (" + name + ")"
	}
	if refusal.StatusCode == http.StatusOK {
		said = "Scriptix answered the request for " + f.subject + " with HTTP status 200, but the answer is an error"
		if refusal.Type != "" && refusal.Message != "" {
			said += ", " + quoted(refusal.Type) // the status does not say it
		}
	}
	if refusal.ErrorCode != "" {
		said += ", error code " + quoted(refusal.ErrorCode)
	}
	if message := firstOf(refusal.Message, refusal.Type); message != "" {
		said += ", " + quoted(message)
	}
	if refusal.Details != "" {
		said += ", details " + quoted(refusal.Details)
	}
	said += "."
	if refusal.NotJSON {
		said += " The answer was not JSON, so it may come from a proxy and not from Scriptix."
	}
	if refusal.Attempts > 1 {
		said += fmt.Sprintf(" The request was sent %d times.", refusal.Attempts)
	}
	return said
}

func (f failedRead) nextStep(refusal *scriptix.APIError) string {
	const passes = "This may pass: run Terraform again in a while. If it does not, "
	switch scriptix.Classify(refusal) {
	case scriptix.ClassRetryable:
		return passes + "contact Scriptix support, or raise max_retries in the provider block."
	case scriptix.ClassPassing:
		return passes + "check base_url in the provider block, or contact Scriptix support. This status is not retried."
	default:
		return "Check base_url in the provider block. If it is right, report this to the maintainers of this provider."
	}
}

// gone reports whether the API says that there is no such session. Any other 404 says nothing about sessions.
func (f failedRead) gone() bool { return scriptix.IsNotFound(f.err) }

// notFound tells a session that does not exist from an address where there is no API.
func (f failedRead) notFound(refusal *scriptix.APIError, said string) diag.Diagnostic {
	if f.summary == summaryUnableToList || !refusal.FromAPI {
		return diag.NewErrorDiagnostic(f.summary, paragraphs(said,
			"There seems to be no Scriptix API at this address: check base_url in the provider block."))
	}
	detail := paragraphs(said,
		"Either the session id is wrong, or the session was deleted, or it belongs to another organization or token: "+
			"Scriptix shows a session only to the token that created it.")
	if f.path.Equal(path.Empty()) {
		return diag.NewErrorDiagnostic(summaryNotFound, detail)
	}
	return diag.NewAttributeErrorDiagnostic(f.path, summaryNotFound, detail)
}

func (f failedRead) tooManyRequests(refusal *scriptix.APIError, said string) diag.Diagnostic {
	when := "Scriptix does not say when it takes requests again. Run Terraform again in some minutes."
	if !refusal.RetryAt.IsZero() {
		when = "Scriptix takes requests again " + moment(refusal.RetryAt) + ". Run Terraform again then, or raise " +
			f.timeoutArgument + "."
	}
	return diag.NewErrorDiagnostic(summaryRateLimit, paragraphs(said, when+" "+rateLimitAdvice))
}

const rateLimitAdvice = "If this happens often, let fewer pipelines share the token, set " +
	"requests_per_minute in the provider block or a longer poll_interval, or move to a larger Scriptix plan."

func (f failedRead) rateLimited(rateLimit *scriptix.RateLimitError) diag.Diagnostic {
	return diag.NewErrorDiagnostic(summaryRateLimit, paragraphs(
		fmt.Sprintf("%s, which is after the timeout of %s: %s cannot be read in time.",
			nextRequest(rateLimit), duration(f.timeout), f.subject),
		f.rateLimitRemedy(rateLimit),
	))
}

// waitCutOff words the end of a wait that would have polled again before its timeout, but may not.
func (f failedRead) waitCutOff(cutOff *wait.RateLimitError) diag.Diagnostic {
	if f.accept(cutOff.Pending) {
		return unfinished(cutOff.Progress, "the wait ended",
			fmt.Sprintf(" %s, which is after the timeout of %s.", nextRequest(cutOff.Err), duration(f.timeout)))
	}
	return diag.NewErrorDiagnostic(summaryRateLimit, paragraphs(
		fmt.Sprintf("%s when the wait was given up, after %s. %s, which is after the timeout of %s.",
			pendingSessions(cutOff.Progress), duration(cutOff.Waited), nextRequest(cutOff.Err), duration(f.timeout)),
		lastFailure(cutOff.LastFailure),
		"Sessions go on by themselves.",
		f.rateLimitRemedy(cutOff.Err),
	))
}

// nextRequest says when a request can be sent again, and who has decided so.
func nextRequest(rateLimit *scriptix.RateLimitError) string {
	if rateLimit.OwnCap {
		return "The cap requests_per_minute lets the next request pass " + moment(rateLimit.Until)
	}
	return "Scriptix takes the next request " + moment(rateLimit.Until)
}

func (f failedRead) rateLimitRemedy(rateLimit *scriptix.RateLimitError) string {
	if rateLimit.OwnCap {
		return "Raise requests_per_minute in the provider block, or " + f.timeoutArgument + "."
	}
	return "Run Terraform again then, or raise " + f.timeoutArgument + ". " + rateLimitAdvice
}

func (f failedRead) redirected(redirect *scriptix.RedirectError) diag.Diagnostic {
	return diag.NewErrorDiagnostic(summaryRedirect, paragraphs(
		fmt.Sprintf("Reading %s was redirected to %s (HTTP status %d). Redirects are not followed, because the token would go "+
			"along.", f.subject, quoted(redirect.Location), redirect.StatusCode),
		"If the API has moved there, set base_url in the provider block to its new address.",
	))
}

func (f failedRead) unexpectedAnswer(answer *scriptix.AnswerError) diag.Diagnostic {
	problem := "the answer"
	if answer.Field != "" {
		problem = "its field " + quoted(answer.Field)
	}
	problem += " " + answer.Problem
	if answer.Value != "" {
		problem += ": " + quoted(answer.Value)
	}
	advice := "The API may have changed: update this provider, or report this to its maintainers."
	if answer.ContentType != "" {
		problem += " (content type " + quoted(answer.ContentType) + ")"
	}
	if answer.NotJSON {
		advice = "Something other than Scriptix may have answered: check base_url in the provider block, and the proxies on the " +
			"way."
	}
	return diag.NewErrorDiagnostic(summaryUnexpectedAnswer, paragraphs(
		"Scriptix answered the request for "+f.subject+", but "+problem+".", advice))
}

// unanswered words a request that brought no answer.
func (f failedRead) unanswered(request *scriptix.RequestError) diag.Diagnostic {
	var attempt *scriptix.AttemptTimeoutError
	switch {
	case errors.As(request, &attempt):
		return diag.NewErrorDiagnostic(f.summary, paragraphs(
			fmt.Sprintf("Scriptix did not answer the request for %s within %s. The request was sent %s.",
				f.subject, duration(attempt.Timeout), count(request.Attempts, "time")),
			"Run Terraform again, or raise request_timeout in the provider block."))
	case request.Ended && errors.Is(request, context.DeadlineExceeded):
		return diag.NewErrorDiagnostic(summaryTimedOut, paragraphs(
			fmt.Sprintf("Reading %s did not end within the timeout of %s.", f.subject, duration(f.timeout)),
			lastAttempt(request.LastFailure),
			"Run Terraform again, or raise "+f.timeoutArgument+"."))
	case request.Ended && errors.Is(request, context.Canceled):
		return diag.NewErrorDiagnostic(summaryCancelled, "Reading "+f.subject+" was cancelled.")
	}
	return diag.NewErrorDiagnostic(f.summary, paragraphs(
		fmt.Sprintf("The request for %s brought no answer: %s. The request was sent %s.",
			f.subject, quoted(request.Err.Error()), count(request.Attempts, "time")),
		"Check that this machine reaches base_url of the provider block, and the proxy settings of its environment."))
}

func lastAttempt(err error) string {
	if err == nil {
		return ""
	}
	return "The latest attempt failed because of this: " + quoted(err.Error()) + "."
}

// quoted makes a text from outside harmless: printable, in quotes and of bounded length.
func quoted(text string) string {
	for i := range text {
		if i > 4*maxQuotedRunes { // one rune more than is kept, so that the cut shows
			text = text[:i]
			break
		}
	}
	if runes := []rune(text); len(runes) > maxQuotedRunes {
		return strconv.Quote(string(runes[:maxQuotedRunes])) + "… (cut)"
	}
	return strconv.Quote(text)
}

func paragraphs(parts ...string) string {
	var kept []string
	for _, part := range parts {
		if part != "" {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, "\n\n")
}

func capitalised(sentence string) string {
	return strings.ToUpper(sentence[:1]) + sentence[1:]
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// count is a number with its noun: "1 poll", "2 polls".
func count(number int, noun string) string {
	if number == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", number, noun)
}

// duration is a duration as people write it: "30m", not "30m0s".
func duration(d time.Duration) string {
	if d >= time.Second {
		d = d.Round(time.Second)
	}
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// moment is a time as a clock shows it and as a distance from now.
func moment(at time.Time) string {
	return fmt.Sprintf("at %s (in %s)", at.UTC().Format("2006-01-02 15:04:05 MST"), duration(time.Until(at)))
}
