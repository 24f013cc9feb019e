drop table survey_answer;
drop table survey_response;
drop table survey_wave;
drop table survey_question;
drop table survey;
