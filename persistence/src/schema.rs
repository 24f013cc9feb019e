//! Tables and columns as the migrations leave them; generated, compared with the database by a test.

diesel::table! {
    account (id) {
        id -> Uuid,
        name -> Text,
        email -> Nullable<Text>,
        email_normalized -> Nullable<Text>,
        email_verified_at -> Nullable<Timestamptz>,
        locale -> Text,
        status -> Text,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    account_link (id) {
        id -> Uuid,
        account_id -> Uuid,
        purpose -> Text,
        token_hash -> Bytea,
        expires_at -> Timestamptz,
        consumed_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    audit_event (organization_id, id) {
        organization_id -> Uuid,
        id -> Uuid,
        at -> Timestamptz,
        account_id -> Nullable<Uuid>,
        action -> Text,
        object_kind -> Text,
        object_id -> Uuid,
        request_id -> Text,
        outcome -> Text,
    }
}

diesel::table! {
    change (organization_id, sequence) {
        organization_id -> Uuid,
        sequence -> Int8,
        at -> Timestamptz,
        object_kind -> Text,
        object_id -> Uuid,
        context_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    check_in (organization_id, id) {
        organization_id -> Uuid,
        id -> Uuid,
        match_id -> Uuid,
        status -> Text,
        mode -> Text,
        starts_at -> Timestamptz,
        minutes -> Int2,
        place -> Nullable<Text>,
        video_url -> Nullable<Text>,
        agenda -> Nullable<Text>,
        summary -> Nullable<Text>,
        mentor_rating -> Nullable<Int2>,
        mentor_feedback -> Nullable<Text>,
        mentee_rating -> Nullable<Int2>,
        mentee_feedback -> Nullable<Text>,
        cancel_reason -> Nullable<Text>,
        replaced_by -> Nullable<Uuid>,
        scheduled_by -> Uuid,
        recorded_by -> Nullable<Uuid>,
        recorded_at -> Nullable<Timestamptz>,
        reminded_at -> Nullable<Timestamptz>,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    cohort (organization_id, id) {
        organization_id -> Uuid,
        id -> Uuid,
        program_id -> Uuid,
        name -> Text,
        status -> Text,
        starts_on -> Date,
        ends_on -> Date,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    consent (organization_id, id) {
        organization_id -> Uuid,
        id -> Uuid,
        profile_id -> Uuid,
        purpose -> Text,
        status -> Text,
        method -> Text,
        text_version -> Text,
        given_by -> Text,
        evidence_file_id -> Nullable<Uuid>,
        recorded_by -> Uuid,
        granted_on -> Date,
        withdrawn_at -> Nullable<Timestamptz>,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    conversation (organization_id, id) {
        organization_id -> Uuid,
        id -> Uuid,
        match_id -> Uuid,
        message_count -> Int4,
        last_message_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    conversation_reader (organization_id, conversation_id, profile_id) {
        organization_id -> Uuid,
        conversation_id -> Uuid,
        profile_id -> Uuid,
        read_until -> Uuid,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    enrollment (organization_id, id) {
        organization_id -> Uuid,
        id -> Uuid,
        program_id -> Uuid,
        cohort_id -> Uuid,
        profile_id -> Uuid,
        role -> Text,
        status -> Text,
        capacity -> Int2,
        load -> Int2,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    exclusion (organization_id, id) {
        organization_id -> Uuid,
        id -> Uuid,
        mentor_id -> Uuid,
        mentee_id -> Uuid,
        reason -> Nullable<Text>,
        created_by -> Uuid,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    file (organization_id, id) {
        organization_id -> Uuid,
        id -> Uuid,
        uploaded_by -> Uuid,
        name -> Text,
        content_type -> Text,
        size -> Int4,
        sha256 -> Bytea,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    file_chunk (organization_id, file_id, position) {
        organization_id -> Uuid,
        file_id -> Uuid,
        position -> Int4,
        bytes -> Bytea,
    }
}

diesel::table! {
    guardianship (organization_id, id) {
        organization_id -> Uuid,
        id -> Uuid,
        ward_id -> Uuid,
        guardian_id -> Uuid,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    idempotency_key (principal, mutation, key) {
        principal -> Uuid,
        mutation -> Text,
        key -> Text,
        fingerprint -> Bytea,
        outcome -> Nullable<Json>,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    invitation (organization_id, id) {
        organization_id -> Uuid,
        id -> Uuid,
        profile_id -> Nullable<Uuid>,
        email -> Text,
        email_normalized -> Text,
        role -> Nullable<Text>,
        program_id -> Nullable<Uuid>,
        status -> Text,
        token_hash -> Bytea,
        invited_by -> Uuid,
        accepted_by -> Nullable<Uuid>,
        expires_at -> Timestamptz,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    job (id) {
        id -> Uuid,
        organization_id -> Nullable<Uuid>,
        kind -> Text,
        payload -> Json,
        dedupe_key -> Nullable<Text>,
        run_at -> Timestamptz,
        attempts -> Int4,
        lease_token -> Nullable<Uuid>,
        lease_until -> Nullable<Timestamptz>,
        progress -> Int2,
        cancel_requested -> Bool,
        done_at -> Nullable<Timestamptz>,
        dead_at -> Nullable<Timestamptz>,
        last_error -> Nullable<Text>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    matches (organization_id, id) {
        organization_id -> Uuid,
        id -> Uuid,
        program_id -> Uuid,
        cohort_id -> Uuid,
        run_id -> Nullable<Uuid>,
        policy_number -> Int4,
        mentor_enrollment_id -> Uuid,
        mentee_enrollment_id -> Uuid,
        mentor_id -> Uuid,
        mentee_id -> Uuid,
        status -> Text,
        score -> Int2,
        criteria -> Json,
        mentor_answer -> Text,
        mentee_answer -> Text,
        decline_reason -> Nullable<Text>,
        offered_at -> Nullable<Timestamptz>,
        offer_expires_at -> Nullable<Timestamptz>,
        accepted_at -> Nullable<Timestamptz>,
        activated_at -> Nullable<Timestamptz>,
        closed_at -> Nullable<Timestamptz>,
        outcome -> Nullable<Text>,
        check_ins_held -> Int4,
        check_ins_missed -> Int4,
        minutes_held -> Int4,
        objectives_agreed -> Int4,
        objectives_reached -> Int4,
        last_check_in_id -> Nullable<Uuid>,
        last_check_in_at -> Nullable<Timestamptz>,
        next_check_in_id -> Nullable<Uuid>,
        next_check_in_at -> Nullable<Timestamptz>,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    matching_run (organization_id, id) {
        organization_id -> Uuid,
        id -> Uuid,
        program_id -> Uuid,
        cohort_id -> Uuid,
        policy_number -> Int4,
        status -> Text,
        progress -> Int2,
        engine_version -> Nullable<Text>,
        input_hash -> Nullable<Bytea>,
        mentee_count -> Int4,
        mentor_count -> Int4,
        matched_count -> Int4,
        total_score -> Int4,
        report -> Nullable<Json>,
        failure -> Nullable<Text>,
        requested_by -> Uuid,
        finished_at -> Nullable<Timestamptz>,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    membership (account_id, organization_id) {
        account_id -> Uuid,
        organization_id -> Uuid,
        profile_id -> Nullable<Uuid>,
        joined_at -> Timestamptz,
    }
}

diesel::table! {
    message (organization_id, id) {
        organization_id -> Uuid,
        id -> Uuid,
        conversation_id -> Uuid,
        sender_id -> Uuid,
        body -> Text,
        status -> Text,
        created_at -> Timestamptz,
        retracted_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    notification (organization_id, id) {
        organization_id -> Uuid,
        id -> Uuid,
        account_id -> Uuid,
        kind -> Text,
        subject_kind -> Text,
        subject_id -> Uuid,
        dedupe_key -> Text,
        read_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    objective (organization_id, id) {
        organization_id -> Uuid,
        id -> Uuid,
        match_id -> Uuid,
        title -> Text,
        description -> Nullable<Text>,
        status -> Text,
        target_on -> Nullable<Date>,
        proposed_by -> Uuid,
        submitted_by -> Nullable<Uuid>,
        rating -> Nullable<Int2>,
        rated_by -> Nullable<Uuid>,
        rated_at -> Nullable<Timestamptz>,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    organization (id) {
        id -> Uuid,
        name -> Text,
        time_zone -> Text,
        locale -> Text,
        digital_consent_age -> Int2,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    password (account_id) {
        account_id -> Uuid,
        hash -> Text,
        changed_at -> Timestamptz,
    }
}

diesel::table! {
    profile (organization_id, id) {
        organization_id -> Uuid,
        id -> Uuid,
        name -> Text,
        email -> Nullable<Text>,
        email_normalized -> Nullable<Text>,
        external_id -> Nullable<Text>,
        birth_date_sealed -> Nullable<Bytea>,
        guardian_contact_sealed -> Nullable<Bytea>,
        about -> Nullable<Text>,
        interests -> Array<Text>,
        goals -> Array<Text>,
        expertise -> Array<Text>,
        languages -> Array<Text>,
        time_zone -> Text,
        availability -> Json,
        capacity -> Int2,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    program (organization_id, id) {
        organization_id -> Uuid,
        id -> Uuid,
        name -> Text,
        description -> Nullable<Text>,
        status -> Text,
        time_zone -> Text,
        policy_number -> Int4,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    program_objective (organization_id, id) {
        organization_id -> Uuid,
        id -> Uuid,
        program_id -> Uuid,
        position -> Int2,
        title -> Text,
        measure -> Nullable<Text>,
    }
}

diesel::table! {
    program_policy (organization_id, program_id, number) {
        organization_id -> Uuid,
        program_id -> Uuid,
        number -> Int4,
        cadence_days -> Int2,
        check_in_minutes -> Int2,
        missed_after_hours -> Int2,
        offer_days -> Int2,
        minimum_score -> Int2,
        minimum_overlap_minutes -> Int2,
        weights -> Json,
        anonymity_minimum -> Int2,
        created_by -> Nullable<Uuid>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    rate_bucket (key) {
        key -> Text,
        tokens -> Float8,
        refilled_at -> Timestamptz,
    }
}

diesel::table! {
    resource (organization_id, id) {
        organization_id -> Uuid,
        id -> Uuid,
        program_id -> Uuid,
        match_id -> Nullable<Uuid>,
        title -> Text,
        description -> Nullable<Text>,
        url -> Nullable<Text>,
        file_id -> Nullable<Uuid>,
        shared_by -> Uuid,
        archived_at -> Nullable<Timestamptz>,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    role_grant (id) {
        id -> Uuid,
        account_id -> Uuid,
        organization_id -> Uuid,
        role -> Text,
        program_id -> Nullable<Uuid>,
        granted_by -> Nullable<Uuid>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    roster_import (organization_id, id) {
        organization_id -> Uuid,
        id -> Uuid,
        program_id -> Uuid,
        cohort_id -> Uuid,
        file_id -> Uuid,
        dry_run -> Bool,
        status -> Text,
        progress -> Int2,
        row_count -> Int4,
        created_count -> Int4,
        updated_count -> Int4,
        unchanged_count -> Int4,
        error_count -> Int4,
        requested_by -> Uuid,
        finished_at -> Nullable<Timestamptz>,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    roster_import_error (organization_id, import_id, position) {
        organization_id -> Uuid,
        import_id -> Uuid,
        position -> Int4,
        line -> Int4,
        column_name -> Nullable<Text>,
        code -> Text,
        message -> Text,
    }
}

diesel::table! {
    security_event (id) {
        id -> Uuid,
        account_id -> Nullable<Uuid>,
        session_id -> Nullable<Uuid>,
        at -> Timestamptz,
        action -> Text,
        address_prefix -> Nullable<Text>,
        request_id -> Text,
    }
}

diesel::table! {
    session (id) {
        id -> Uuid,
        account_id -> Uuid,
        client -> Text,
        device_name -> Nullable<Text>,
        status -> Text,
        revoked_reason -> Nullable<Text>,
        refresh_key_sealed -> Bytea,
        generation -> Int4,
        proven -> Int4,
        presented -> Int4,
        repeats -> Int4,
        rotated_at -> Timestamptz,
        authenticated_at -> Timestamptz,
        last_seen_at -> Timestamptz,
        idle_expires_at -> Timestamptz,
        absolute_expires_at -> Timestamptz,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    signing_key (id) {
        id -> Text,
        algorithm -> Text,
        state -> Text,
        public_key -> Bytea,
        private_key_sealed -> Bytea,
        state_since -> Timestamptz,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    survey (organization_id, id) {
        organization_id -> Uuid,
        id -> Uuid,
        program_id -> Uuid,
        title -> Text,
        description -> Nullable<Text>,
        status -> Text,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    survey_answer (organization_id, response_id, question_id) {
        organization_id -> Uuid,
        response_id -> Uuid,
        question_id -> Uuid,
        number -> Nullable<Int4>,
        text -> Nullable<Text>,
        choices -> Nullable<Array<Int2>>,
    }
}

diesel::table! {
    survey_question (organization_id, id) {
        organization_id -> Uuid,
        id -> Uuid,
        survey_id -> Uuid,
        position -> Int2,
        kind -> Text,
        text -> Text,
        required -> Bool,
        minimum -> Nullable<Int4>,
        maximum -> Nullable<Int4>,
        minimum_label -> Nullable<Text>,
        maximum_label -> Nullable<Text>,
        options -> Array<Text>,
    }
}

diesel::table! {
    survey_response (organization_id, id) {
        organization_id -> Uuid,
        id -> Uuid,
        wave_id -> Uuid,
        enrollment_id -> Uuid,
        profile_id -> Uuid,
        status -> Text,
        submitted_at -> Nullable<Timestamptz>,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    survey_wave (organization_id, id) {
        organization_id -> Uuid,
        id -> Uuid,
        program_id -> Uuid,
        survey_id -> Uuid,
        cohort_id -> Uuid,
        policy_number -> Int4,
        status -> Text,
        opens_at -> Timestamptz,
        closes_at -> Timestamptz,
        invited_count -> Int4,
        submitted_count -> Int4,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    account,
    account_link,
    audit_event,
    change,
    check_in,
    cohort,
    consent,
    conversation,
    conversation_reader,
    enrollment,
    exclusion,
    file,
    file_chunk,
    guardianship,
    idempotency_key,
    invitation,
    job,
    matches,
    matching_run,
    membership,
    message,
    notification,
    objective,
    organization,
    password,
    profile,
    program,
    program_objective,
    program_policy,
    rate_bucket,
    resource,
    role_grant,
    roster_import,
    roster_import_error,
    security_event,
    session,
    signing_key,
    survey,
    survey_answer,
    survey_question,
    survey_response,
    survey_wave,
);
