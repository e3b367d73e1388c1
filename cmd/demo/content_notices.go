package main

// notice is one announcement of the demo's department; all of it is invented.
type notice struct {
	age      int // days since it was published; below zero: it is scheduled
	title    string
	category string
	who      string
	body     string
	valid    int // days; 0: without end
	pinned   int // for so many days from today
	review   int // so many days from today; 0: never
	draft    bool
}

var notices = []notice{
	{age: 0, title: "CSC 301 is a day later this week", category: "academic", who: "300", valid: 7, pinned: 2,
		body: "The projector in LT 2 is being replaced. **CSC 301 meets a day later, in Lab 3, block D**, this week only.\nBring your own laptop if you have one."},
	{age: 1, title: "Mid-semester test timetable is out", category: "exams", who: "ours", valid: 21, pinned: 10,
		body: "Tests take place in the eighth week. Check your own level:\n\n| Level | Day | Time | Hall |\n|---|---|---|---|\n| 100 | Monday | 9:00 | Hall A |\n| 200 | Tuesday | 9:00 | Hall B |\n| 300 | Wednesday | 13:00 | Hall B |\n| 400 | Thursday | 9:00 | LT 1 |\n\nA clash? Write to the exam officer **before Friday**."},
	{age: 2, title: "Course registration closes on Friday", category: "academic", who: "all", valid: 6, pinned: 3,
		body: "Registration for this semester closes on Friday at 16:00. After that the late form must be signed by the head of department.\n\n1. Open the registration page.\n2. Choose your courses.\n3. Print the form and have it signed in room 12."},
	{age: 2, title: "Power work in block C on Saturday", category: "facilities", who: "all", valid: 5,
		body: "There is no power in block C on Saturday from 8:00 to 14:00. The labs in block D stay open."},
	{age: 3, title: "Industrial training forms for 300 level", category: "academic", who: "300", valid: 30,
		body: "Collect your placement letter from room 12. You need:\n\n- a passport photograph,\n- the name and address of the company,\n- your student ID.\n\nLetters are ready two working days later."},
	{age: 3, title: "Final year project topics", category: "academic", who: "400", valid: 40,
		body: "The list of topics and supervisors hangs beside room 9. Choose three, in order, and hand in the slip by the end of next week.\n\nA topic of your own is welcome if a lecturer agrees to supervise it."},
	{age: 4, title: "Seminar: teaching computers to hear tones", category: "events", who: "all", valid: 12,
		body: "Dr Halima Ebony speaks about recognising tones in Yorùbá and Igbo speech, and why most tools get them wrong. Everybody is welcome; there is zobo afterwards."},
	{age: 4, title: "Welcome to 100 level", category: "academic", who: "100", valid: 60,
		body: "Your level adviser is Mrs Ngozi Ọpẹ̀tẹ̀, block C, room 7. Meet her once this month.\nLost? Ask at the office in room 12. Nobody minds."},
	{age: 5, title: "Results of CSC 205 can be checked", category: "exams", who: "200", valid: 30,
		body: "Last semester's results for CSC 205 are on the student record page. Questions about a mark go to the exam officer, in writing, within two weeks."},
	{age: 5, title: "Library training on research databases", category: "opportunities", who: "signed-in", valid: 14,
		body: "The library shows how to find papers and cite them. One hour, Thursday at 14:00, in the e-library. Thirty seats."},
	{age: 6, title: "Staff meeting moved to Wednesday", category: "academic", who: "staff", valid: 8,
		body: "The departmental meeting is on Wednesday at 11:00 in the board room. Papers to the office by Tuesday noon."},
	{age: 6, title: "Lost and found", category: "facilities", who: "all", valid: 20,
		body: "Two calculators, a blue water bottle and a set of keys with a wooden giraffe wait in room 12."},
	{age: 7, title: "Bursary for final year students", category: "opportunities", who: "400", valid: 35,
		body: "Ten bursaries for students with a grade point above 3.5. Apply with a one-page letter at the dean's office before the end of the month."},
	{age: 8, title: "Programming contest: make your team", category: "opportunities", who: "ours", valid: 25,
		body: "Three students make a team. The department's round is in two weeks; the best two teams travel. Mr Emeka Afara answers questions in Lab 1 on Tuesdays."},
	{age: 8, title: "Attendance counts from this week", category: "academic", who: "ours", valid: 90,
		body: "You need to attend 75 % of the classes to sit an exam. Attendance is taken on paper; sign only for yourself."},
	{age: 9, title: "New opening hours of the labs", category: "facilities", who: "all", review: -2,
		body: "Lab 1 and Lab 3 are open from 8:00 to 18:00, on Saturdays until 13:00. Food stays outside."},
	{age: 10, title: "How to hand in assignments", category: "academic", who: "ours", review: 20,
		body: "Hand in through the course page unless your lecturer says otherwise. Late work loses ten marks for each day, at most three days."},
	{age: 11, title: "Guest lecture on payment systems", category: "events", who: "all", valid: 9,
		body: "An engineer from a payment company told how a transfer travels between two banks. The slides are in the e-library."},
	{age: 12, title: "Change of adviser for 200 level", category: "academic", who: "200", valid: 60,
		body: "Mr Sani Kuka advises 200 level from now on. He is in block C, room 5, on Mondays and Wednesdays from 10:00."},
	{age: 13, title: "Free eye test at the clinic", category: "opportunities", who: "signed-in", valid: 20,
		body: "The university clinic tests eyes without charge all month. Bring your student ID."},
	{age: 14, title: "Timetable of this semester, second version", category: "academic", who: "ours", valid: 120,
		body: "The second version corrects two clashes at 300 level. Your own classes are on your page for today."},
	{age: 15, title: "Supplementary exams: who may sit them", category: "exams", who: "ours", valid: 45,
		body: "Students who missed an exam for a documented reason may sit it again. Bring the document to the exam officer in room 9."},
	{age: 16, title: "Call for class representatives", category: "academic", who: "ours", valid: 14,
		body: "Each level elects two representatives. Names to your level adviser by Wednesday."},
	{age: 18, title: "Women in computing: first meeting", category: "events", who: "all", valid: 10,
		body: "Tea, short talks and a lot of questions. Open to everybody."},
	{age: 19, title: "Internet in the hostels", category: "facilities", who: "signed-in", valid: 60,
		body: "Sign in to the hostel network with your university account. If it fails, note the time and the block and tell the help desk."},
	{age: 20, title: "Marking guide for CSC 401", category: "exams", who: "staff", valid: 60,
		body: "The marking guide is in the office. Scripts are collected against signature."},
	{age: 21, title: "Internships at the data centre", category: "opportunities", who: "300", valid: 30,
		body: "Four places for three months, from the long vacation. Write to the office with your transcript."},
	{age: 23, title: "Plagiarism: what counts and what follows", category: "academic", who: "ours", review: 60,
		body: "## What counts\n\nText, code or figures of others without saying so.\n\n## What follows\n\nNo marks the first time; the disciplinary committee the second. **Quote, and you are safe.**"},
	{age: 25, title: "First lectures this week", category: "academic", who: "ours", valid: 7,
		body: "All first lectures take place as planned. Come, even if registration is still under way."},
	{age: 27, title: "Orientation for new students", category: "events", who: "100", valid: 7,
		body: "Orientation starts at 9:00 in the main auditorium. Wear something comfortable; there is a walk."},
	{age: 30, title: "School fees: last day without a fine", category: "academic", who: "signed-in", valid: 10,
		body: "Pay by the end of the week. The bursary's counter closes at 15:00."},
	{age: 33, title: "Semester begins on Monday", category: "academic", who: "all", valid: 8, body: "Welcome back. The timetable is on this page for those who sign in."},
	{age: 60, title: "Results of last semester are approved", category: "exams", who: "ours", valid: 40, body: "The senate has approved the results. Transcripts can be ordered at the registry."},
	{age: 85, title: "Exam rules for last semester", category: "exams", who: "ours", valid: 30, body: "Be seated 15 minutes before the start. No phones, no smart watches."},
	{age: 90, title: "Last semester's exam timetable", category: "exams", who: "all", valid: 25, body: "The timetable hangs at every hall and is unchanged since the first draft."},
	{age: 120, title: "Departmental sports day", category: "events", who: "all", valid: 9, body: "Football, relay and a quiz. 300 level won, narrowly."},
	{age: -2, title: "Project defence: order of speakers", category: "exams", who: "400", valid: 30, body: "The order of speakers is drawn by lot and will stand here."},
	{age: -5, title: "Mid-semester break", category: "academic", who: "all", valid: 14, body: "No classes on Thursday and Friday of the ninth week. The labs stay open."},
	{age: 0, title: "Exam invigilation list", category: "exams", who: "staff", draft: true, body: "To be completed: halls, times, two names for each."},
	{age: 0, title: "Laptop repair day", category: "facilities", who: "ours", draft: true, body: "Mr Afara and two volunteers look at slow laptops. Date to be agreed."},
}
