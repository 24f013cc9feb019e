drop table conversation_reader;
drop table message;
drop table conversation;
