package main

// lecture is a class of the weekly timetable.
type lecture struct {
	level, title, with, place string
	day, hour                 int // day 0 is Monday
}

var lectures = []lecture{
	{"100", "CSC 101 Introduction to computing", "Mrs Ngozi Ọpẹ̀tẹ̀", "LT 1", 0, 8},
	{"100", "CSC 103 Problem solving", "Mr Emeka Afara", "Lab 1, block D", 1, 10},
	{"100", "MTH 101 Algebra", "Dr Yusuf Baobab", "Hall A", 2, 8},
	{"100", "PHY 101 Mechanics", "Dr Ada Mangrove", "Hall A", 3, 12},
	{"100", "GST 101 Use of English", "Mrs Bisi Palm", "Main auditorium", 4, 9},
	{"200", "CSC 201 Programming in C", "Mr Sani Kuka", "Lab 1, block D", 0, 10},
	{"200", "CSC 203 Discrete structures", "Dr Yusuf Baobab", "LT 2", 1, 8},
	{"200", "CSC 205 Operating systems I", "Dr Chinẹdu Ọbi", "LT 2", 2, 10},
	{"200", "STA 201 Probability", "Mrs Aisha Teak", "Hall B", 3, 8},
	{"200", "CSC 207 Digital logic", "Engr Tari Cypress", "Lab 3, block D", 4, 11},
	{"300", "CSC 301 Algorithms", "Dr Ibrahim Obeche", "LT 2", 0, 12},
	{"300", "CSC 303 Databases", "Dr Halima Ebony", "LT 2", 1, 12},
	{"300", "CSC 305 Computer networks", "Dr Chinẹdu Ọbi", "Lab 3, block D", 2, 13},
	{"300", "CSC 307 Software engineering", "Mrs Ngozi Ọpẹ̀tẹ̀", "LT 1", 3, 10},
	{"300", "CSC 309 Formal languages", "Dr Yusuf Baobab", "LT 2", 4, 8},
	{"400", "CSC 401 Compilers", "Dr Ibrahim Obeche", "LT 1", 0, 15},
	{"400", "CSC 403 Information security", "Dr Chinẹdu Ọbi", "LT 1", 1, 14},
	{"400", "CSC 405 Machine learning", "Dr Halima Ebony", "Lab 3, block D", 2, 15},
	{"400", "CSC 407 Human and computer", "Mrs Aisha Teak", "LT 1", 3, 13},
	{"400", "CSC 499 Project clinic", "Engr Tari Cypress", "Block C, room 14", 4, 14},
}

// occasion is an exam, a deadline or anything else with a date.
type occasion struct {
	kind, title, who, place, body string
	in, hour, hours               int // in so many days, at an hour, for some
	weeks                         int // repeats for so many
	allDay                        bool
}

var occasions = []occasion{
	{kind: "event", title: "Open lab", who: "all", place: "Lab 1, block D", in: -35, hour: 16, hours: 2, weeks: 14, body: "Bring a problem, find somebody to solve it with."},
	{kind: "event", title: "Study group", who: "ours", place: "E-library", in: -34, hour: 17, hours: 2, weeks: 14, body: "Past questions, worked together."},
	{kind: "event", title: "Seminar: teaching computers to hear tones", who: "all", place: "LT 1", in: 3, hour: 14, hours: 2, body: "Dr Halima Ebony on tones in speech. Everybody is welcome."},
	{kind: "event", title: "Departmental programming contest", who: "ours", place: "Lab 1 and Lab 3, block D", in: 12, hour: 10, hours: 5, body: "Teams of three, five hours, eight problems."},
	{kind: "event", title: "Careers day", who: "all", place: "Main auditorium", in: 19, hour: 9, hours: 7, body: "Twelve companies, short talks, and somebody who reads your CV."},
	{kind: "event", title: "Staff meeting", who: "staff", place: "Board room", in: 2, hour: 11, hours: 2, body: "Agenda in the office."},
	{kind: "event", title: "Mid-semester break", who: "all", in: 24, hours: 24, allDay: true, body: "No classes on both days."},
	{kind: "deadline", title: "Course registration closes", who: "all", place: "Registry", in: 4, hour: 16, body: "The late form costs time: it needs the head of department."},
	{kind: "deadline", title: "Project topics: hand in your choice", who: "400", place: "Block C, room 9", in: 9, hour: 15, body: "Three topics, in order."},
	{kind: "deadline", title: "Industrial training: name of the company", who: "300", place: "Block C, room 12", in: 15, hour: 12, body: "Without it no letter."},
	{kind: "deadline", title: "CSC 201 assignment 2", who: "200", in: 1, hour: 23, body: "A linked list that does not leak."},
	{kind: "deadline", title: "CSC 303 normal forms, exercise sheet 4", who: "300", in: 1, hour: 18, body: "On paper, in the box beside LT 2."},
	{kind: "exam", title: "CSC 101 mid-semester test", who: "100", place: "Hall A", in: 16, hour: 9, hours: 1, body: "Chapters 1 to 5."},
	{kind: "exam", title: "CSC 201 mid-semester test", who: "200", place: "Hall B", in: 17, hour: 9, hours: 1, body: "Pointers are in."},
	{kind: "exam", title: "CSC 301 mid-semester test", who: "300", place: "Hall B", in: 18, hour: 13, hours: 2, body: "One sheet of your own notes is allowed."},
	{kind: "exam", title: "CSC 401 mid-semester test", who: "400", place: "LT 1", in: 19, hour: 9, hours: 2, body: "Parsing and types."},
	{kind: "exam", title: "CSC 101 exam", who: "100", place: "Hall A", in: 72, hour: 9, hours: 3, body: "Bring your student ID."},
	{kind: "exam", title: "CSC 201 exam", who: "200", place: "Hall B", in: 73, hour: 9, hours: 3, body: "Bring your student ID."},
	{kind: "exam", title: "CSC 301 exam", who: "300", place: "Hall B", in: 74, hour: 9, hours: 3, body: "Bring your student ID."},
	{kind: "exam", title: "CSC 401 exam", who: "400", place: "LT 1", in: 75, hour: 9, hours: 3, body: "Bring your student ID."},
	{kind: "exam", title: "CSC 300 exam of last semester", who: "300", place: "Hall B", in: -95, hour: 9, hours: 3, body: "Over."},
	{kind: "event", title: "Departmental sports day", who: "all", place: "Sports field", in: -118, hour: 10, hours: 6, body: "300 level won, narrowly."},
}

// member is somebody of the department; none of them exists.
type member struct{ name, role, room, hours, email, about string }

var staff = []member{
	{"Prof. Folake Iroko", "Head of department", "Block C, room 1", "Monday 10:00 to 12:00", "folake.iroko@nile.example", "Distributed systems."},
	{"Dr Ibrahim Obeche", "Senior lecturer, timetable", "Block C, room 4", "Tuesday 10:00 to 12:00", "ibrahim.obeche@nile.example", "Algorithms and compilers."},
	{"Dr Chinẹdu Ọbi", "Senior lecturer", "Block C, room 6", "Wednesday 9:00 to 11:00", "chinedu.obi@nile.example", "Networks, security and operating systems."},
	{"Dr Halima Ebony", "Lecturer", "Block C, room 8", "Thursday 11:00 to 13:00", "halima.ebony@nile.example", "Speech, data and learning machines."},
	{"Dr Yusuf Baobab", "Lecturer", "Block C, room 3", "Friday 10:00 to 12:00", "yusuf.baobab@nile.example", "Mathematics of computing."},
	{"Mrs Aisha Teak", "Lecturer, exam officer", "Block C, room 9", "Tuesday and Thursday 10:00 to 13:00", "cs-exams@nile.example", "Results, clashes and missed exams."},
	{"Mrs Ngozi Ọpẹ̀tẹ̀", "Lecturer, adviser of 100 level", "Block C, room 7", "Monday 9:00 to 11:00", "ngozi.opete@nile.example", "Software engineering."},
	{"Mr Sani Kuka", "Assistant lecturer, adviser of 200 level", "Block C, room 5", "Monday and Wednesday 10:00 to 12:00", "sani.kuka@nile.example", "Programming."},
	{"Engr Tari Cypress", "Lecturer, final year projects", "Block C, room 14", "Friday 14:00 to 16:00", "tari.cypress@nile.example", "Hardware and embedded systems."},
	{"Mr Emeka Afara", "Laboratory technologist", "Lab 1, block D", "Daily 8:00 to 16:00", "emeka.afara@nile.example", "Computers, cables and the contest."},
	{"Mrs Hauwa Ɗorawa", "Secretary", "Block C, room 12", "Monday to Friday 9:00 to 15:00", "cs-office@nile.example", "Forms, letters and everything nobody else knows."},
	{"Mr Bode Agba", "Administrative officer", "Block C, room 11", "Monday to Friday 9:00 to 16:00", "bode.agba@nile.example", "Rooms, purchases and payments."},
}

// page is a free page; review is in so many days.
type page struct {
	title, who, body string
	menu             bool
	review           int
}

var pages = []page{
	{"About the department", "all", "The department teaches computing in theory and at the bench: four years to a first degree, and a master's programme.\n\n## What we care about\n\nPrograms that are right, machines that are understood, and people who ask why.", true, 90},
	{"Programmes", "all", "| Programme | Years | Entry |\n|---|---|---|\n| B.Sc. Computer Science | 4 | mathematics and physics |\n| M.Sc. Computer Science | 2 | a first degree with upper second class |\n\nPart-time study is possible in the master's programme only.", true, 120},
	{"Student handbook", "all", "# Rules in short\n\n- Attend three classes of four.\n- Register on time.\n- Say where your work comes from.\n\n# Where to ask\n\nYour level adviser first, then the office in room 12.", true, 30},
	{"Exams and results", "all", "## Before an exam\n\nCheck the hall the day before. Bring your student ID.\n\n## After it\n\nResults appear when the senate has approved them. A question about a mark goes to the exam officer in writing.", true, -40},
	{"Industrial training", "all", "Students of 300 level spend three months in a company. The office writes the letter; you find the place.", false, 60},
	{"Laboratories", "all", "Lab 1 has 40 desks, Lab 3 has 24 and the network racks. Both close at 18:00.", false, 75},
	{"Final year project guide", "400", "Twenty pages are enough. The guide says how to cite, how to number figures and what the examiners look for.", false, 80},
	{"Notes for staff", "staff", "How to book a room, how to hand in marks, and whom to call when the power fails in the middle of a test.", false, 100},
}

// quickLink is a link that staff chose for some.
type quickLink struct{ label, address, who string }

var links = []quickLink{
	{"Course registration", "https://registration.nile.example/", "all"},
	{"Library", "https://library.nile.example/", "all"},
	{"Fees and receipts", "https://bursary.nile.example/", "signed-in"},
	{"My results", "https://records.nile.example/", "ours"},
	{"Project guide", "/pages/final-year-project-guide", "400"},
	{"Room booking", "https://rooms.nile.example/", "staff"},
}
