package main

const (
	answers    = "internal/wait/answers.go"
	ask        = "internal/wait/ask.go"
	board      = "internal/wait/board.go"
	end        = "internal/wait/end.go"
	entry      = "internal/wait/entry.go"
	failing    = "internal/wait/failing.go"
	filter     = "internal/wait/filter.go"
	loop       = "internal/wait/loop.go"
	outcome    = "internal/wait/outcome.go"
	recently   = "internal/wait/recent.go"
	search     = "internal/wait/search.go"
	showing    = "internal/wait/showing.go"
	trust      = "internal/wait/trust.go"
	suspension = "internal/wait/suspension.go"
	wait       = "internal/wait/wait.go"

	classify = "internal/scriptix/classify.go"
)

// guards are the parts of the wait core that somebody might take for superfluous.
var guards = []guard{
	{"a last look ignores the pace", end, "e.isUrgent = true", "", "TestALastLookIgnoresThePace"},
	{"other requests keep the pace", loop, "paceEnds.After(now) {", "paceEnds.After(now) && false {", "TestBudgetOfThePlanIsSpentEvenly"},
	{"every other turn goes to the wait served longest ago", loop, "l.turn%2 == 1", "false", "TestALargeWait|TestASmallWait"},
	{"and every other one to the session most overdue", loop, "l.turn%2 == 1", "true", "TestManySmallWaits"},
	{"a rate limit holds back every request", loop, "limited != nil {\n\t\treturn nil, earliest(limited.Until", "limited != nil && false {\n\t\treturn nil, earliest(limited.Until", "TestARateLimitHolds"},
	{"the first wait begins with a pause", loop, "l.lastSent = w.started", "_ = w.started", "TestBudget|TestTheLastRequest|TestOwnCap|TestCost"},
	{"a wait that leaves cancels its requests", end, "if !r.isNeeded() {", "if false {", "TestLeavingFrees"},
	{"a page for one session is a GET", ask, "len(page.entries) < 2", "false", "TestOneSession"},
	{"lists are verified", ask, "doubted := l.toVerify(now); doubted != nil", "doubted := l.toVerify(now); doubted != nil && false", "TestAListThatSays|TestVerification|TestAFailedGet"},
	{"a tenth of a small plan verifies", ask, "isLimited && l.turn", "isLimited && false && l.turn", "TestVerificationIsATenth"},
	{"spare rows are split between both ends of a page", ask, "/2)\n}", "*0)\n}", "TestAPageStillShows"},
	{"a failed page is remembered by its sessions", answers, "if l.trust.getsSince(e.pageFailedAt) {", "if false {", "TestOwnGets|TestAPageThat"},
	{"only a page that shows the session clears that", showing, "e.pageFailedAt = time.Time{}\n\te.page.forget()", "", "TestOwnGets"},
	{"a GET shows whether the API answers", answers, "probe.ownGet, probe.due = true, now", "", "TestOwnGets|TestAPageThat"},
	{"a rate limit on a page needs no probe", answers, "probe != nil && !scriptix.IsPostponed(err)", "probe != nil", "TestOwnGets|TestARateLimit"},
	{"a refused list is suspended", answers, "l.trust.list.begin(l.turnOfGets(now), now)", "", "TestARefusedPage"},
	{"a suspension is never shorter than a turn of the GETs", suspension, "max(atLeast, doubled(time.Minute, s.times, longestSuspension))", "doubled(time.Minute, s.times, longestSuspension)", "TestRefusedPages"},
	{"a list that lies is suspended", trust, "t.list.extend(longestSuspension, now)", "", "TestAListIsWrong|TestAListThatSays"},
	{"a page after a read does not change it", answers, "!e.isOpen() && !e.isOver()", "false", "TestAPageAfterARead"},
	{"a list may be late", trust, ">= lagAllowance", ">= 0", "TestAListIsWrong"},
	{"an ignored offset is found out", trust, "t.offset.extend(longestSuspension, sentAt)", "", "TestPagesShow"},
	{"pages of different minutes are not compared", trust, "sentAt.Sub(t.latestSent).Abs() < time.Minute && ", "", "TestPagesOf"},
	{"a session that a page misses moves with the others", answers, "e.place += shift", "", "TestCost|TestPagesThatShift"},
	{"a session that two pages miss is looked for elsewhere", answers, "e.misses > 1 || ", "", "TestOnePass"},
	{"nothing left to ask for needs no pause", answers, "err == nil && wasNeeded", "false && wasNeeded", "TestAPageOfFinished"},
	{"only an end saves the pause", answers, "&& r.hasFinished()", "", "TestOnlyAnEnd"},
	{"and only once", answers, "err == nil && wasNeeded", "(wasNeeded || err == nil)", "TestOneEnd"},
	{"two refusals at the same time are one", suspension, "if s.holds(now) {", "if false {", "TestRefusalsAt"},
	{"a session that was not found may be uploaded", trust, "known.Settled() && ", "", "TestAListThatShowsWhatMayBe"},
	{"the same status is no lie", trust, "shown.Status != known.Status && ", "", "TestAListThatShowsWhatMayBe"},
	{"own GETs replace a list for an hour at most", answers, "return min(time.Duration(len(l.board.open))*l.limits.NextPoll(now).Sub(now), time.Hour)", "return time.Duration(len(l.board.open))*l.limits.NextPoll(now).Sub(now)", "TestATurnOfGets"},
	{"the loop looks at the clock each minute", loop, "earliest(limited.Until, now.Add(longestNap))", "limited.Until", "TestARateLimitHolds"},
	{"only the API's own words end a wait", classify, "return e.FromAPI", "return true", "TestAGateway"},
	{"a redirect or a malformed answer ends none", classify, "&& !errors.As(err, &answer) && !errors.As(err, &redirect)", "&& answer == nil && redirect == nil", "TestAGateway"},
	{"the API's own refusal ends it", classify, "return apiError.isOwnRefusal()", "return apiError == nil", "TestARefusal|TestARefusedToken"},
	{"a refused token ends all waits", answers, "l.endAll(err)", "", "TestARefusedToken"},
	{"but no read", end, "if !w.isRead {\n\t\t\tw.end(err)", "if true {\n\t\t\tw.end(err)", "TestARefusedTokenEndsNoOtherRead"},
	{"a rate limit ends no wait whose answer is under way", end, "limited != nil && len(l.underWay) == 0", "limited != nil", "TestARateLimitEndsNoWait"},
	{"a wait that cannot ask before its deadline ends at once", end, "isHeldUp && w.isCutOff(limited.Until)", "false", "TestRefusalBeyond|TestUsedUp"},
	{"a failed wait stays open for others that failed", end, "(isHeldUp || w.isThrough(now))", "true", "TestFailedSession"},
	{"but not longer than its grace", end, "if now.Sub(w.failingFrom) >= failureGrace {", "if false {", "TestAFailedWaitEnds"},
	{"a wait whose context has ended asks for nothing", end, "case w.ctx.Err() != nil:", "case false:", "TestProgressThatBlocks"},
	{"nothing is asked for after a deadline", end, "!w.isRead && w.isPastDeadline(now)", "false", "TestNothingIsAskedFor"},
	{"a page replaces no last look", showing, "e.isUrgent && e.ownGet && !e.isUnread():", "false:", "TestAPageReplacesNoLastLook"},
	{"a last look asks for ten", end, "i < lastLookGets", "i < 1000", "TestALastLookLeaves|TestListsThatAreWrong|TestVerificationIs"},
	{"what was just read needs no last look", end, "now.Sub(e.getAt) >= justRead", "true", "TestALastLookIsSpared"},
	{"nor what is being read", end, "!isBeingRead && ", "(!isBeingRead || true) && ", "TestALastLookIsSpared"},
	{"a filter that works is trusted again", filter, "l.trust.filter.forget()", "", "TestAFilterThatWorks"},
	{"answers serve later reads for half a minute", recently, "&& now.Sub(seen.at) < recentFor", "", "TestAnswersServe"},
	{"a canceled request is not under way", end, "delete(l.underWay, r)", "", "TestAWaitThatLeavesLeaves"},
	{"a last look does not wait for a page that hangs", entry, "&& (!e.ownGet || !e.asked.isPage)", "", "TestALastLookDoesNotWait"},
	{"the API may ask only once to come back soon", failing, "e.isPostponed && !wasPostponed:", "e.isPostponed && (true || wasPostponed):", "TestARateLimitWithoutEnd"},
	{"what fails again is suspended longer each time", suspension, "s.times++", "", "TestOwnGets"},
	{"the shortest interval of its waits holds for a session", showing, "e.interval = min(e.interval, w.interval(now))", "_ = w", "TestJoining|TestWaitsForTheSame"},
	{"joining does not wait for a slower poll", board, "e.setDue(w.started) // the", "// the", "TestJoining"},
	{"a filtered list is not used for sessions that a page shows", filter, "len(r.entries) < shown+worthIt", "false", "TestAFilteredListIsNotUsed"},
	{"a filtered list is left if it shows few", filter, "l.trust.filter.begin(0, now)", "", "TestAFilterThatShowsNothing"},
	{"a session that is no longer queued is processed", filter, "e.session.Status == scriptix.StatusQueued && e.unfiltered == 1,\n", "e.session.Status == \"\",\n", "TestCost"},
	{"a search goes deep under a slow plan", search, "(s.wentDeep || isTopOnly)", "(s.wentDeep || true)", "TestSearchGoesDeep|TestVerificationIs"},
	{"a search has a budget", search, "case s.credit < pageCredit:", "case false:", "TestSearch"},
	{"a search goes on while it finds", search, "s.credit = max(s.credit, pageCredit)", "", "TestSearch"},
	{"a search stops where sessions are scattered", search, "s.credit /= 2", "", "TestSearch"},
	{"a read is answered by a later request only", showing, "!sentAt.Before(w.started)", "true", "TestAReadIsAnswered"},
	{"a read does not wait for a request that was sent before it", showing, "e.isUrgent, e.due, e.asked = true, now, nil", "e.isUrgent, e.due = true, now", "TestAReadIsAnswered"},
	{"settled sessions are remembered for reads", board, "w.isRead && isRecent && seen.session.Settled()", "false && seen.session.Settled()", "TestReadsThatCome"},
	{"reads that come together share a page", search, "s.credit += sessions", "s.credit += 0 * sessions", "TestReadsThatCome"},
	{"reads of old sessions leave the list", search, ">> min(s.fruitless, 5)", "", "TestReadsThatCome"},
	{"a search that has been through the list ends", search, "s.deeper > 0 {", "false {", "TestSearch$"},
	{"an abbreviated item answers no read of a running session", showing, "!e.isEnough(item)", "false", "TestASparseItem"},
	{"nor does an item that is older than what is known", showing, "updated := e.session.Update(*item)", "updated := *item", "TestAnOlderItem"},
	{"nor does the end that a wait has seen", board, "(!w.reading.EveryField || e.session.HasDetails())", "true", "TestAReadIsNotAnsweredByTheEndOfAWait"},
	{"a place that a page lately showed is used", board, "place = seen.place", "_ = seen.place", "TestReadsThatCome"},
	{"a session that a read has done with is asked for again", board, "ok && e.isOpen() || isResult", "ok || isResult", "TestAWaitAsksForASessionThatALongReadHasDoneWith"},
	{"a wait that leaves forgets no session of others", board, " && b.entries[e.session.SessionID] == e", "", "TestALeavingReadForgetsNoSessionOfOthers"},
	{"a canceled request makes no read fail", failing, "if !e.isOpen() {\n\t\treturn // the request", "if false {\n\t\treturn // the request", "TestACanceledRequestMakesNoReadFail"},
	{"reads give up a list that fails", answers, "l.search.giveUp()", "", "TestReadsThatCome"},
	{"a list may be longer than its total", search, "s.total = max(s.total, page.Next()+scriptix.PageSize)", "", "TestReadingMany"},
	{"many sessions that are not found are no new uploads", wait, "failed <= mostNew", "failed >= 0", "TestReadingManyAsks"},
	{"a fault ends a read at once", outcome, "case isFailure && w.isRead && !scriptix.IsNotFound(e.fault):", "case false:", "TestReadingManyEnds"},
	{"but a missing session does not", outcome, "w.isRead && !scriptix.IsNotFound(e.fault)", "w.isRead", "TestReadingManyNames"},
	{"a failed page makes no read fail", answers, "if e.isUnread() {\n\t\t\te.ownGet", "if false {\n\t\t\te.ownGet", "TestAFailedPageMakes"},
	{"a page that a rate limit refused is sent again", answers, "if e.isUnread() && scriptix.IsPostponed(err) && !e.isPostponed {", "if false {", "TestReadingMany"},
	{"a fault ends only those that had joined before", board, "e.fault == nil && ", "", "TestAReadIsNotAnsweredByAnEarlierFault"},
	{"a second attempt of a read ignores the pace", loop, "earliest(paceEnds, l.board.nextUrgent())", "paceEnds", "TestAFailedReadBesideAWait"},
	{"a page that does not show a session leaves it urgent", answers, "err == nil && e.isOfSmallRead()", "false", "TestAPageThatDoesNotShow"},
	{"reads ignore the pace if nobody waits", loop, " || !l.board.hasWaits()", "", "TestReadingManyIgnoresThePace"},
	{"a session may be new", answers, "class == scriptix.ClassNotFound && r.entries[0].isNew(now), ", "", "TestAWaitAsks"},
	{"for ten seconds", wait, "|| now.Sub(w.started) >= newFor", "", "TestAnUploadIsNew"},
	{"a read has attempts of its own", board, "e.attempts = 0", "", "TestAReadInAnOutage"},
	{"a read sends a request again max_retries times", failing, "e.attempts <= maxRetries", "true", "TestAReadFails"},
}
